// Preloaded into the real process by `--import`: its clock stands as many ms off as SHIFTED_CLOCK says, or as the file that
// it names says at the moment. Nothing else is shifted: neither the machine's uptime nor the times that its files get.
// @ts-nocheck
import { readFileSync } from 'node:fs';

const RealDate = globalThis.Date;
const said = process.env.SHIFTED_CLOCK ?? '0';
const isFile = !/^-?\d+$/.test(said);
const offMs = () => (isFile ? Number(readFileSync(said, 'utf8')) : Number(said));

globalThis.Date = class ShiftedDate extends RealDate {
  constructor(...args) {
    if (args.length === 0) super(RealDate.now() + offMs());
    else super(...args);
  }
  static now() {
    return RealDate.now() + offMs();
  }
};
