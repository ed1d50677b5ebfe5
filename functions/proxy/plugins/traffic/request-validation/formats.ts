/** The formats of JSON Schema that a document may ask for. Each looks at a text once. */
import { isIP } from 'node:net';

/** RFC 3339 §5.6. */
const date = /^(\d{4})-(\d\d)-(\d\d)$/;
const time =
  /^(?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)(?:\.\d+)?(?:z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/i;
const label = /^[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?$/i;
const maxHostname = 253;

/** By name. */
export const formats: Readonly<Record<string, (text: string) => boolean>> = {
  date: isDate,
  time: (text) => time.test(text),
  'date-time': (text) => {
    const [day = '', hours = '', ...more] = text.split(/[t ]/i);
    return more.length === 0 && isDate(day) && time.test(hours);
  },
  email: (text) => /^[^\s@]+@[^\s@]+$/.test(text) && isHostname(text.slice(text.indexOf('@') + 1)),
  hostname: isHostname,
  ipv4: (text) => isIP(text) === 4,
  ipv6: (text) => isIP(text) === 6 && !text.includes('%'),
  uri: (text) => /^[a-z][a-z\d+.-]*:/i.test(text) && URL.canParse(text),
  uuid: (text) => /^[\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12}$/i.test(text),
};

function isDate(text: string): boolean {
  const [, year, month, day] = date.exec(text) ?? [];
  if (year === undefined) return false;
  const parsed = new Date(`${text}T00:00:00Z`);
  return (
    !Number.isNaN(parsed.getTime()) &&
    parsed.getUTCMonth() + 1 === Number(month) &&
    parsed.getUTCDate() === Number(day)
  );
}

function isHostname(text: string): boolean {
  return text.length <= maxHostname && text.split('.').every((part) => label.test(part));
}
