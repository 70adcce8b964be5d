// A thousand ways in which a number stands in a field, each with whether it is there. Half of the table is made from
// patterns; what it expects is told by how the field was made, and never by reading it.

export interface WrittenForm {
  readonly field: string;
  /** The number that an order names. */
  readonly number: string;
  /** Whether the field has it, in whatever spelling. */
  readonly has: boolean;
}

/** A number in its parts, so that every spelling can be made of them. */
interface Parts {
  readonly country: string;
  /** What is dialled before the area within the country. */
  readonly trunk: string;
  readonly area: string;
  readonly exchange: string;
  readonly line: string;
}

const NUMBERS: readonly Parts[] = [
  { country: '44', trunk: '0', area: '20', exchange: '7946', line: '0018' },
  { country: '44', trunk: '0', area: '161', exchange: '496', line: '0275' },
  { country: '1', trunk: '1', area: '431', exchange: '555', line: '0123' },
  { country: '61', trunk: '0', area: '2', exchange: '5550', line: '4321' },
  { country: '7', trunk: '8', area: '495', exchange: '123', line: '4567' },
  { country: '49', trunk: '0', area: '30', exchange: '2312', line: '5678' },
];
/** None of them ends like any of the others. */
const OTHERS: readonly Parts[] = [
  { country: '44', trunk: '0', area: '20', exchange: '7946', line: '0981' },
  { country: '44', trunk: '0', area: '117', exchange: '318', line: '7764' },
];

/** Spellings of one number, by a person, a switch or a program. */
const spellings: readonly ((parts: Parts) => string)[] = [
  ({ country, area, exchange, line }) => `+${country}${area}${exchange}${line}`,
  ({ country, area, exchange, line }) => `00${country}${area}${exchange}${line}`,
  ({ country, area, exchange, line }) => `${country}${area}${exchange}${line}`,
  ({ trunk, area, exchange, line }) => `${trunk}${area}${exchange}${line}`,
  ({ area, exchange, line }) => `${area}${exchange}${line}`,
  ({ trunk, area, exchange, line }) => `${trunk}${area} ${exchange} ${line}`,
  ({ trunk, area, exchange, line }) => `(${trunk}${area}) ${exchange}-${line}`,
  ({ country, area, exchange, line }) => `+${country} ${area} ${exchange} ${line}`,
  ({ country, area, exchange, line }) => `+${country} (0)${area} ${exchange} ${line}`,
  ({ country, area, exchange, line }) => `+${country}-${area}-${exchange}-${line}`,
  ({ country, area, exchange, line }) => `+${country}.${area}.${exchange}.${line}`,
  ({ country, area, exchange, line }) => `%2B${country}${area}${exchange}${line}`,
  ({ country, area, exchange, line }) => `%2B${country}%20${area}%20${exchange}%20${line}`,
];

/** What stands around a number. `@` is where it stands. */
const frames: readonly string[] = [
  '@',
  '"Room 12" <@>',
  '"Studio54" <@>',
  'Acme 2000 Ltd <@>',
  '<@>',
  '@ ext 12',
  '@ (2)',
  'sip:@:5060',
  'sip:@#10.0.0.1:5060;user=phone',
  '"Desk 7" <sip:@#sip.example.com:5061;transport=tls>;tag=1928301774',
  'SIP/@-00000a1f',
  'PJSIP/@-0000001c',
  'tel:@;ext=904',
  '1001 / @',
  '@/1001',
  '1001,@',
  '@;1001',
  '1001|@|1002',
  '1001 & @',
  '@ 1001',
  'Local/@#from-internal-00000007;2',
  'Call from @ at 10:15',
];

function framed(frame: string, written: string): string {
  return frame.replaceAll('@', written).replaceAll('#', '@');
}

/** Every spelling within a frame is asked for by another spelling of the same number, and by one of another number. */
export function madeForms(): readonly WrittenForm[] {
  const forms: WrittenForm[] = [];
  let turn = 0;
  for (const [which, parts] of NUMBERS.entries())
    for (const spell of spellings)
      for (const frame of frames.filter((_, index) => (index + turn) % 2 === which % 2)) {
        const field = framed(frame, spell(parts));
        // Orders are written whole, as a country or the world writes a number.
        const asked = [spellings[0], spellings[1], spellings[3], spellings[7], spellings[6]][turn % 5];
        const other = OTHERS[turn % OTHERS.length];
        turn += 1;
        if (asked === undefined || other === undefined) continue;
        forms.push({ field, number: asked(parts), has: true });
        if (turn % 4 === 0) forms.push({ field, number: asked(other), has: false });
      }
  return forms;
}

const N = '+44 20 7946 0018';
const yes = (...fields: string[]): WrittenForm[] => fields.map(field => ({ field, number: N, has: true }));
const no = (...fields: string[]): WrittenForm[] => fields.map(field => ({ field, number: N, has: false }));
const pair = (number: string, field: string, has = true): WrittenForm => ({ field, number, has });

/** Written by hand, after what switches, billing systems and people leave in a field. */
export const HAND_WRITTEN: readonly WrittenForm[] = [
  ...yes(
    '02079460018',
    '442079460018',
    '+442079460018',
    '00442079460018',
    '011442079460018',
    '0011442079460018',
    '900442079460018',
    '902079460018',
    '2079460018',
    '79460018',
    '7946 0018',
    '(020) 7946 0018',
    '(020) 7946-0018',
    '020-7946-0018',
    '020.7946.0018',
    '020/79460018',
    '020 7946/0018',
    '+44 (0)20 7946 0018',
    '+44 ( 0 ) 20 7946 0018',
    '+44(0)2079460018',
    '+4402079460018',
    '+44 020 7946 0018',
    '44-020-7946-0018',
    '"02079460018" <02079460018>',
    '02079460018 <02079460018>',
    '2079460018 <2079460018>',
    '"+442079460018" <02079460018>',
    '"Room 12" <02079460018>',
    '"Studio54" <2079460018>',
    '"Acme" <02079460018>',
    '"Acme, 2nd floor" <02079460018>',
    'Acme 24/7 <+44 20 7946 0018>',
    "'Bob' <02079460018>",
    '"02079460018" <1001>',
    '"1001" <02079460018>',
    '+442079460018 ext 12',
    '+442079460018 ext. 12',
    '+442079460018 x12',
    '+442079460018x12',
    '+442079460018#12',
    '+442079460018,,12#',
    '+442079460018;ext=12',
    '02079460018 Ext:4021',
    '02079460018p123',
    '*67 02079460018',
    '#31#02079460018',
    '1*31*02079460018',
    'sip:02079460018',
    'sip:02079460018:5060',
    'sip:02079460018@10.0.0.1',
    'sip:02079460018@10.0.0.1:5060;user=phone',
    'sips:+442079460018@sip.example.com;transport=tls',
    'sip:+44-20-7946-0018@sip.example.com;user=phone',
    'sip:02079460018;npdi@example.com',
    'sip:+442079460018;npdi;rn=+447946@example.com',
    'sip:02079460018:secret@example.com',
    'sip:%2B442079460018@example.com',
    '<sip:02079460018@10.0.0.1>;tag=as58f4201b',
    '"Desk 12" <sip:02079460018@10.0.0.1:5060>;tag=123',
    '"1001" <sip:1001@pbx>, <sip:02079460018@pbx>',
    'tel:+44-20-7946-0018',
    'tel:+442079460018;phone-context=example.com',
    'tel:+44-20-7946-0018;phone-context=+44',
    'tel:7946-0018;phone-context=+4420',
    'tel:0018;phone-context=+44207946',
    'tel:02079460018;isub=1411',
    'SIP/02079460018-00000a1f',
    'SIP/442079460018-0000000b',
    'PJSIP/+442079460018-0000001c',
    'SIP/trunk1/02079460018',
    'IAX2/peer-02079460018-1234',
    'DAHDI/g1/02079460018',
    'Local/02079460018@from-internal-00000012;1',
    'sofia/gateway/gw1/02079460018',
    'sofia/internal/02079460018@10.0.0.1:5060',
    'user/02079460018@default',
    '02079460018@voicemail',
    '02079460018@s.whatsapp.net',
    '02079460018.1700000000',
    'exten-02079460018-1001-20261128-101500-1700000000.1',
    '02079460018 (2)',
    '02079460018 (mobile)',
    '(2) 02079460018',
    '02079460018/02079460099',
    '02079460099/02079460018',
    '02079460099 / 02079460018',
    '02079460099 02079460018',
    '02079460099\t02079460018',
    '02079460099\n02079460018',
    '02079460099\r\n02079460018',
    '02079460099,02079460018',
    '02079460099, 02079460018',
    '02079460099;02079460018',
    '02079460099|02079460018',
    '02079460099 & 02079460018',
    '02079460099+442079460018',
    '02079460099-02079460018',
    '02079460099_02079460018',
    '02079460099:02079460018',
    '02079460099 and 02079460018',
    '02079460099 or 020 7946 0018',
    '02079460099 > 02079460018',
    '02079460099=>02079460018',
    '02079460099^02079460018',
    '02079460099~02079460018',
    "['02079460099', '02079460018']",
    '{"from":"02079460099","to":"02079460018"}',
    '<a>02079460099</a><b>02079460018</b>',
    '1001,1002,1003,02079460018',
    '020 7946 0099/0018',
    '020 7946 0019/18',
    '%2B442079460018',
    '%2b44%2020%207946%200018',
    '+44%2020%207946%200018',
    '%30%32%30%37%39%34%36%30%30%31%38',
    '&#43;442079460018',
    '=2B442079460018',
    'mailto:02079460018@fax.example.com',
    'FAX=02079460018@fax',
    '/FAX=+44-20-7946-0018/',
    'T=+442079460018;F=+442079460099',
    '４４２０７９４６００１８',
    '＋４４　２０　７９４６　００１８',
    '٠٢٠٧٩٤٦٠٠١٨',
    '۰۲۰۷۹۴۶۰۰۱۸',
    '०२०७९४६००१८',
    '๐๒๐๗๙๔๖๐๐๑๘',
    '020\u00a07946\u00a00018',
    '020\u20097946\u20090018',
    '020\u20117946\u20110018',
    '\u202a+44 20 7946 0018\u202c',
    '\ufeff02079460018',
    '020\u200b7946\u200b0018',
    '020–7946–0018',
    '02079460018\0',
    '\x0002079460018',
    '020\x007946\x000018',
    ` ${' '.repeat(300)}02079460018`,
    `${'x'.repeat(3000)}02079460018`,
    `${'1001 '.repeat(500)}02079460018`,
    `${'9'.repeat(400)} 02079460018`,
    'Tel. 020 7946 0018',
    'T: 020 7946 0018 F: 020 7946 0099',
    'call me on 020 7946 0018 after 5',
    'Anruf von 02079460018 am 28.11.2026 um 10:15',
    'unknown (02079460018)',
    'anonymous;02079460018',
    '02079460018;anonymous',
    'anonymous <sip:02079460018@10.0.0.1>',
    'P-Asserted-Identity: <tel:+442079460018>',
    'diversion: <sip:1001@pbx>;reason=unconditional, <sip:02079460018@pbx>',
    '02079460018.wav',
    'out-02079460018-101-20261001-12001.wav',
    '442079460018.00',
    '0 2 0 7 9 4 6 0 0 1 8',
    '0-2-0-7-9-4-6-0-0-1-8',
  ),
  ...no(
    '',
    'anonymous',
    'Restricted',
    '02079460019',
    '+442079460019',
    '020 7946 0099/0019',
    '1612079460',
    '0018',
    '46 0018',
    '+1 431 555 0123',
    '1001',
    '"Room 12" <02079460019>',
    'sip:1001@10.0.0.1:5060',
    'SIP/4315550123-00000a1f',
    '02079460,018',
    '"18" <020794600>',
    '020794600;18',
    '2024-11-28 10:15:00',
    '1700000000.12345',
    '8102079460019',
    '(020) 7946 0180',
    '10.20.79.46:18',
  ),
  // Short numbers are extensions and compare exactly, wherever they stand.
  pair('1001', '1001'),
  pair('1001', '"Reception" <1001>'),
  pair('1001', 'SIP/1001-0000000a'),
  pair('1001', 'sip:1001@pbx.example.com'),
  pair('1001', '1002,1001'),
  pair('1001', '02079460018 1001'),
  pair('1001', '1002/1001'),
  pair('1001', '11001', false),
  pair('1001', '10010', false),
  pair('1001', '1002,1003', false),
  pair('1001', '02079461001', false),
  pair('10011002', '1001,1002', false),
  pair('12', '"Room 12" <02079460018>'),
  // What only a table of numbering plans knows.
  pair('+7 495 123-45-67', '84951234567'),
  pair('+7 495 123-45-67', '8 (495) 123-45-67'),
  pair('8 495 123-45-67', '+74951234567'),
  pair('+36 1 234 5678', '06 1 234 5678'),
  pair('+54 9 11 2345 6789', '011 15-2345-6789'),
  pair('+39 06 1234 5678', '06 1234 5678'),
  pair('+376 712 345', '712345'),
  pair('712345', '+376712345'),
  pair('+44 20 7946 0018', '+12079460018', false),
  // Letters on a telephone's keys.
  pair('+1 800 356 9377', '1-800-FLOWERS'),
  pair('18003569377', '1800FLOWERS'),
  pair('1-800-FLOWERS', '+18003569377'),
  pair('1-800-463-3339', '1-800-GO-FEDEX'),
  pair('+18006288737', '1-800-MATTRESS'),
  pair('+18003569377', '1-800-FLORIST', false),
  // The order itself may have been copied from a field.
  pair('sip:+442079460018@10.0.0.1:5060', '02079460018'),
  pair('"Room 12" <02079460018>', '+442079460018'),
  pair('+442079460018 ext 12', '02079460018'),
  pair('tel:+44-20-7946-0018;phone-context=x', '02079460018'),
  pair('٠٢٠٧٩٤٦٠٠١٨', '02079460018'),
  pair('%2B442079460018', '02079460018'),
];
