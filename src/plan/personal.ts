// Whether a column looks as if it were about a person, or says when a record was made: by its name and type, as somebody who
// reads a schema for the first time would guess. A guess decides nothing: it is told, and a person looks.
import type { HeldColumn } from '../stores/inventory.ts';
import { wordsOf } from './name-words.ts';

/** Words of names, as telecom and billing schemas use them. */
const PERSONAL =
  /^(name|firstname|lastname|fullname|surname|username|login|displayname|nickname|company|contact|person|customer|subscriber|client|caller|callee|callerid|callername|callernum|called|calling|cnam|cnum|clid|cli|src|dst|source|destination|did|ani|dnis|phone|phonenumber|telephone|tel|mobile|cell|msisdn|imsi|imei|iccid|fax|email|mail|mailbox|address|address1|address2|street|city|town|zip|zipcode|postcode|postal|birth|birthday|birthdate|dob|gender|sex|passport|ssn|nin|iban|bic|bank|card|cardnumber|creditcard|vat|taxid|ip|ipaddr|ipaddress|mac|useragent|latitude|longitude|lat|lng|location|password|passwd|pin|signature|photo|picture|transcript|transcription|recording|recordingfile|voicemail|message|body|text|subject|comment|comments|note|notes|description|remark|remarks|summary)$/;
const DATED =
  /^(date|datetime|time|timestamp|calldate|eventtime|starttime|endtime|start|stop|end|stamp|epoch|created|updated|modified|deleted|inserted|closed|opened|expires|expired|expiry|expiration|at|on)$/;
/** Columns that name a file, which stays on its disk when the row goes. */
const NAMES_FILE =
  /^(file|filename|filepath|path|recording|recordingfile|recordfile|record|attachment|url|location|image|picture|photo|document)$/;

export function looksPersonal({ name }: HeldColumn): boolean {
  return wordsOf(name).some(word => PERSONAL.test(word));
}

export function looksDated({ name, isDate }: HeldColumn): boolean {
  return isDate || DATED.test(wordsOf(name).at(-1) ?? '');
}

export function namesFile({ name, isDate }: HeldColumn): boolean {
  return !isDate && wordsOf(name).some(word => NAMES_FILE.test(word));
}
