import { tryFirstHour } from '/tmp/wt/init5/test/package/first-hour.ts';
const ok = await tryFirstHour({ folder: '/tmp/fh/test', tarball: '/tmp/fh/countersign-0.1.0.tgz', step: async (n, act) => { const t=Date.now(); try { await act(); console.log('ok', n, Date.now()-t);} catch (e) { console.log('FAILED', n, e); } } });
console.log(ok);
