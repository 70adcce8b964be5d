// What the program says while it works: one JSON line an event on standard error, or short lines for a person at a
// terminal. Events carry counts and names of datasets, never values of records.
import winston from 'winston';

export type Fields = Readonly<Record<string, string | number | boolean | null>>;

export interface Log {
  readonly info: (event: string, fields?: Fields) => void;
  readonly warn: (event: string, fields?: Fields) => void;
  readonly error: (event: string, fields?: Fields) => void;
}

export function openLog(options: {
  readonly level: string;
  readonly quiet: boolean;
  readonly interactive: boolean;
}): Log {
  const { combine, timestamp, json, printf } = winston.format;
  const logger = winston.createLogger({
    level: options.quiet ? 'error' : options.level,
    format: options.interactive
      ? printf(
          ({ level, message, ...fields }) =>
            `${level === 'info' ? '' : `${level}: `}${String(message)}${formatFields(fields)}`,
        )
      : combine(timestamp(), json()),
    transports: [new winston.transports.Stream({ stream: process.stderr })],
  });
  return {
    info: (event, fields = {}) => {
      logger.info(event, fields);
    },
    warn: (event, fields = {}) => {
      logger.warn(event, fields);
    },
    error: (event, fields = {}) => {
      logger.error(event, fields);
    },
  };
}

function formatFields(fields: Readonly<Record<string, unknown>>): string {
  return Object.entries(fields)
    .map(([name, value]) => `  ${name} ${String(value)}`)
    .join('');
}
