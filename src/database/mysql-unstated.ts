// Session variables that are not stated, and why: a test knows no server with one that stands neither here nor in
// `mysql-stated.ts`. `read` ones are looked at, and refused by name where they matter.

export interface Unstated {
  readonly why: string;
  readonly names: readonly string[];
}

/** Not ours to set: what they say is looked at when a connection is opened. */
export const READ: readonly Unstated[] = [
  {
    why: 'InnoDB takes no row at READ COMMITTED where it is STATEMENT: enforcing, and doctor, refuse it',
    names: ['binlog_format'],
  },
  {
    why: 'statements and lists of keys are kept to it; one below 64 KiB is refused',
    names: ['max_allowed_packet'],
  },
];

export const IRRELEVANT: readonly Unstated[] = [
  {
    why: 'how much memory and how many files a statement takes: where there is too little it fails, and is told',
    names: [
      ...['aria_sort_buffer_size', 'big_tables', 'bulk_insert_buffer_size', 'connection_memory_chunk_size'],
      ...[
        'connection_memory_limit',
        'global_connection_memory_tracking',
        'histogram_generation_max_mem_size',
      ],
      ...['innodb_ddl_buffer_size', 'innodb_ddl_threads', 'innodb_tmpdir', 'internal_tmp_mem_storage_engine'],
      ...[
        'join_buffer_size',
        'join_buffer_space_limit',
        'max_heap_table_size',
        'max_tmp_session_space_usage',
      ],
      ...['max_tmp_tables', 'mrr_buffer_size', 'myisam_sort_buffer_size', 'net_buffer_length'],
      ...['parser_max_mem_size', 'preload_buffer_size', 'query_alloc_block_size', 'query_prealloc_size'],
      ...[
        'range_alloc_block_size',
        'range_optimizer_max_mem_size',
        'read_buffer_size',
        'read_rnd_buffer_size',
      ],
      ...[
        'rowid_merge_buff_size',
        'select_into_buffer_size',
        'set_operations_buffer_size',
        'sort_buffer_size',
      ],
      ...['sql_buffer_result', 'tmp_disk_table_size', 'tmp_memory_table_size', 'tmp_table_size'],
      ...['transaction_alloc_block_size', 'transaction_prealloc_size', 'optimizer_trace_max_mem_size'],
      ...['innodb_parallel_read_threads', 'aria_repair_threads', 'myisam_repair_threads'],
    ],
  },
  {
    why: 'which of several plans the server takes for a question: the rows that it gives are the same',
    names: [
      ...['deadlock_search_depth_long', 'deadlock_search_depth_short', 'deadlock_timeout_long'],
      ...['deadlock_timeout_short', 'enable_secondary_engine_statistics', 'eq_range_index_dive_limit'],
      ...['expensive_subquery_limit', 'in_predicate_conversion_threshold', 'information_schema_stats_expiry'],
      ...[
        'join_cache_level',
        'max_length_for_sort_data',
        'max_rowid_filter_size',
        'max_seeks_for_key',
        'new_mode',
      ],
      ...['old', 'optimizer_adjust_secondary_key_costs', 'optimizer_extra_pruning_depth'],
      ...['optimizer_join_limit_pref_ratio', 'optimizer_max_sel_arg_weight', 'optimizer_max_sel_args'],
      ...['optimizer_max_subgraph_pairs', 'optimizer_prune_level', 'optimizer_scan_setup_cost'],
      ...['optimizer_search_depth', 'optimizer_selectivity_sampling_limit', 'optimizer_switch'],
      ...['optimizer_use_condition_selectivity', 'optimizer_where_cost', 'query_cache_strip_comments'],
      ...['query_cache_wlock_invalidate', 'secondary_engine_cost_threshold', 'use_secondary_engine'],
      ...['use_stat_tables', 'mhnsw_ef_search', 'windowing_use_high_precision', 'max_join_size'],
    ],
  },
  {
    why: 'statistics and histograms, which only estimates are made from',
    names: [
      ...['analyze_max_length', 'analyze_sample_percentage', 'aria_stats_method', 'histogram_size'],
      ...['histogram_type', 'myisam_stats_method', 'profiling', 'profiling_history_size'],
      ...['optimizer_trace', 'optimizer_trace_features', 'optimizer_trace_limit', 'optimizer_trace_offset'],
    ],
  },
  {
    why: 'what the server writes into its own logs, and what it warns of',
    names: [
      ...['log_disabled_statements', 'log_queries_not_using_indexes', 'log_slow_admin_statements'],
      ...[
        'log_slow_always_query_time',
        'log_slow_disabled_statements',
        'log_slow_filter',
        'log_slow_max_warnings',
      ],
      ...['log_slow_min_examined_row_limit', 'log_slow_query', 'log_slow_query_time', 'log_slow_rate_limit'],
      ...['log_slow_slave_statements', 'log_slow_verbosity', 'log_warnings', 'long_query_time'],
      ...['max_error_count', 'min_examined_row_limit', 'note_verbosity', 'slow_query_log', 'sql_log_off'],
      ...['sql_notes', 'sql_warnings', 'progress_report_time', 'statement_id'],
    ],
  },
  {
    why: 'how replication writes down or applies what happens; that it does is stated',
    names: [
      ...['binlog_alter_two_phase', 'binlog_annotate_row_events', 'binlog_direct_non_transactional_updates'],
      ...['binlog_row_image', 'binlog_row_value_options', 'binlog_rows_query_log_events'],
      ...[
        'binlog_transaction_compression',
        'binlog_transaction_compression_level_zstd',
        'default_master_connection',
      ],
      ...['group_replication_consistency', 'gtid_domain_id', 'gtid_next', 'gtid_owned', 'gtid_seq_no'],
      ...['immediate_server_version', 'last_gtid', 'max_relay_log_size', 'original_commit_timestamp'],
      ...['original_server_version', 'pseudo_replica_mode', 'pseudo_slave_mode', 'pseudo_thread_id'],
      ...['rbr_exec_mode', 'require_row_format', 'server_id', 'skip_parallel_replication'],
      ...[
        'sql_slave_skip_counter',
        'wsrep_causal_reads',
        'wsrep_gtid_seq_no',
        'wsrep_on',
        'wsrep_osu_method',
      ],
      ...['wsrep_retry_autocommit', 'wsrep_sync_wait', 'wsrep_trx_fragment_size', 'wsrep_trx_fragment_unit'],
      ...['xa_detach_on_prepare', 'transaction_allow_batching'],
    ],
  },
  {
    why: 'how tables are made and changed: we make those of a ledger alone, each with a key, its engine and its types stated',
    names: [
      ...['innodb_strict_mode', 'column_compression_threshold', 'column_compression_zlib_level'],
      ...['column_compression_zlib_strategy', 'column_compression_zlib_wrap', 'default_table_encryption'],
      ...['default_tmp_storage_engine', 'enforce_storage_engine', 'external_table_secondary_storage_engine'],
      ...['external_table_storage_engine', 'innodb_compression_default', 'innodb_default_encryption_key_id'],
      ...[
        'innodb_ft_enable_stopword',
        'innodb_ft_user_stopword_table',
        'keep_files_on_create',
        'storage_engine',
      ],
      ...['mhnsw_default_distance', 'mhnsw_default_m', 'restrict_fk_on_non_standard_key'],
      ...[
        'sql_generate_invisible_primary_key',
        'sql_require_primary_key',
        'system_versioning_insert_history',
      ],
      ...['character_set_database', 'character_set_server', 'collation_database', 'collation_server'],
      ...[
        'auto_increment_increment',
        'auto_increment_offset',
        'max_delayed_threads',
        'max_insert_delayed_threads',
      ],
    ],
  },
  {
    why: 'a default where a statement names no character set or collation: every comparison of ours is of bytes, or of a column',
    names: ['character_set_collations', 'character_set_filesystem', 'default_collation_for_utf8mb4'],
  },
  {
    why: 'functions and statements that are not used here',
    names: [
      ...[
        'block_encryption_mode',
        'cte_max_recursion_depth',
        'end_markers_in_json',
        'explain_json_format_version',
      ],
      ...['generated_random_password_length', 'max_points_in_geometry', 'max_recursive_iterations'],
      ...[
        'max_sp_recursion_depth',
        'old_passwords',
        'print_identified_with_as_hex',
        'rand_seed1',
        'rand_seed2',
      ],
      ...['select_into_disk_sync', 'select_into_disk_sync_delay', 'show_create_table_skip_secondary_engine'],
      ...['show_create_table_verbosity', 'updatable_views_with_limit'],
    ],
  },
  {
    why: 'what the protocol carries beside answers, or how often it is tried again: the driver reads past it',
    names: [
      ...['net_retry_count', 'redirect_url', 'session_track_gtids', 'session_track_schema'],
      ...['session_track_state_change', 'session_track_system_variables', 'session_track_transaction_info'],
      ...['tcp_nodelay', 'thread_pool_priority'],
    ],
  },
  {
    why: 'what the session is or did, not how it goes on; thrown away with what it was before us',
    names: [
      ...['error_count', 'external_user', 'identity', 'last_insert_id', 'proxy_user', 'warning_count'],
      ...['max_user_connections'],
    ],
  },
  {
    why: 'whether readers or writers of tables without locks on rows go first',
    names: ['low_priority_updates'],
  },
  {
    why: 'triggers of tables that a delete cascades into are looked for whether they act or not',
    names: ['enable_cascade_triggers'],
  },
];
