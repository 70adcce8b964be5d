-- Shaped like the tables of a ViciDial: MyISAM throughout, epochs, URLs, archives beside what they archive.
CREATE TABLE vicidial_log (uniqueid VARCHAR(20) NOT NULL PRIMARY KEY, lead_id INT UNSIGNED, call_date DATETIME, start_epoch INT UNSIGNED, phone_number VARCHAR(18), KEY (call_date)) ENGINE=MyISAM;
CREATE TABLE vicidial_log_archive (uniqueid VARCHAR(20) NOT NULL PRIMARY KEY, lead_id INT UNSIGNED, call_date DATETIME, start_epoch INT UNSIGNED, phone_number VARCHAR(18), KEY (call_date)) ENGINE=MyISAM;
CREATE TABLE recording_log (recording_id INT UNSIGNED AUTO_INCREMENT PRIMARY KEY, channel VARCHAR(100), start_time DATETIME, start_epoch INT UNSIGNED, filename VARCHAR(100), location VARCHAR(255), lead_id INT UNSIGNED, KEY (lead_id)) ENGINE=MyISAM;
CREATE TABLE vicidial_list (lead_id INT UNSIGNED AUTO_INCREMENT PRIMARY KEY, entry_date DATETIME, modify_date TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP, phone_number VARCHAR(18), first_name VARCHAR(30), KEY (entry_date)) ENGINE=MyISAM;
CREATE TABLE vicidial_did_log (uniqueid VARCHAR(20), channel VARCHAR(100), call_date DATETIME, caller_id_number VARCHAR(18), KEY (call_date)) ENGINE=MyISAM;
CREATE TABLE call_log (uniqueid VARCHAR(20) PRIMARY KEY, start_time DATETIME, start_epoch DECIMAL(13,3), number_dialed VARCHAR(15)) ENGINE=MyISAM;
CREATE TABLE vicidial_email_list (email_row_id INT AUTO_INCREMENT PRIMARY KEY, email_date DATETIME, email_from VARCHAR(255), message TEXT, KEY (email_date)) ENGINE=MyISAM;
CREATE TABLE vicidial_live_agents (live_agent_id INT AUTO_INCREMENT PRIMARY KEY, user VARCHAR(20), last_update_time TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP) ENGINE=MEMORY;
CREATE TABLE log_2025 (id INT NOT NULL, call_date DATETIME, UNIQUE (id)) ENGINE=MyISAM;
CREATE TABLE log_all (id INT NOT NULL, call_date DATETIME, UNIQUE (id)) ENGINE=MERGE UNION=(log_2025);
