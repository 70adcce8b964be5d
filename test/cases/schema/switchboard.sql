-- Shaped like the tables of a FreePBX with Asterisk: no keys where one is wanted, zero dates, a trigger, a view.
CREATE TABLE cdr (calldate DATETIME NOT NULL DEFAULT '0000-00-00 00:00:00', clid VARCHAR(80) NOT NULL DEFAULT '', src VARCHAR(80) NOT NULL DEFAULT '', dst VARCHAR(80) NOT NULL DEFAULT '', duration INT NOT NULL DEFAULT 0, accountcode VARCHAR(20) NOT NULL DEFAULT '', uniqueid VARCHAR(32) NOT NULL DEFAULT '', recordingfile VARCHAR(255) NOT NULL DEFAULT '', KEY calldate (calldate), KEY uniqueid (uniqueid)) ENGINE=InnoDB;
CREATE TABLE cel (id INT AUTO_INCREMENT PRIMARY KEY, eventtype VARCHAR(30), eventtime DATETIME NOT NULL, cid_num VARCHAR(80), uniqueid VARCHAR(150), KEY (eventtime)) ENGINE=InnoDB;
CREATE TABLE voicemessages (dir VARCHAR(255) NOT NULL, msgnum INT NOT NULL, origtime INT, mailboxuser VARCHAR(80), recording LONGBLOB, PRIMARY KEY (dir, msgnum)) ENGINE=InnoDB;
CREATE TABLE queue_log (id BIGINT UNSIGNED AUTO_INCREMENT PRIMARY KEY, time VARCHAR(32), callid VARCHAR(64), agent VARCHAR(64), KEY (time)) ENGINE=InnoDB;
CREATE TABLE transient_cdr (calldate DATETIME, uniqueid VARCHAR(32) NOT NULL, linkedid VARCHAR(32) NOT NULL, PRIMARY KEY (uniqueid)) ENGINE=InnoDB;
CREATE TABLE fax_details (id INT AUTO_INCREMENT PRIMARY KEY, faxdate DATETIME, sender VARCHAR(40), faxfile VARCHAR(255), KEY (faxdate)) ENGINE=InnoDB;
CREATE TABLE meetme_log (id INT AUTO_INCREMENT PRIMARY KEY, confno VARCHAR(20), joined TIMESTAMP NULL, who VARCHAR(40), KEY (joined)) ENGINE=InnoDB;
CREATE TABLE cdr_counts (day DATE PRIMARY KEY, calls INT) ENGINE=InnoDB;
CREATE TRIGGER cel_counts AFTER DELETE ON cel FOR EACH ROW UPDATE cdr_counts SET calls = calls - 1 WHERE day = DATE(OLD.eventtime);
CREATE VIEW view_recordings AS SELECT uniqueid, calldate, recordingfile FROM cdr WHERE recordingfile <> '';
CREATE TABLE acc_cdrs (id INT AUTO_INCREMENT PRIMARY KEY, start_time DATETIME NOT NULL DEFAULT '2000-01-01 00:00:00', end_time DATETIME, sip_call_id VARCHAR(128), KEY (start_time)) ENGINE=InnoDB;
