const hour = 3_600_000;

/** "1,234 messages and settings, 5 hours"; empty where nothing waits to be judged. */
export function behindText(rows: number, since: string | undefined, now: number = Date.now()): string {
  if (rows <= 0) return "";
  const what = `${rows.toLocaleString("en")} ${rows === 1 ? "message or setting" : "messages and settings"}`;
  if (!since) return what;
  const minutes = Math.max(0, Math.floor((now - Date.parse(since)) / 60_000));
  if (minutes < 120) return `${what}, ${minutes} ${minutes === 1 ? "minute" : "minutes"}`;
  return `${what}, ${Math.floor(minutes / 60).toLocaleString("en")} hours`;
}

/** Whether the oldest of it waits for longer than a slice of reading and the run after it take. */
export function isLate(since: string | undefined, now: number = Date.now()): boolean {
  return since !== undefined && now - Date.parse(since) > hour / 2;
}
