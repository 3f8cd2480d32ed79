// Questions to the server. The token comes behind the URL's '#', stays in this tab, and leaves it as a header only.
const Kept = 'clouds-token';

function takeToken() {
  const token = new URLSearchParams(location.hash.slice(1)).get('token');
  if (token) {
    sessionStorage.setItem(Kept, token);
    history.replaceState(null, '', location.pathname);
  }
  return sessionStorage.getItem(Kept) ?? '';
}

const token = takeToken();

/** A failure as the server tells it: what, where, found, expected, next. */
export class Failure extends Error {
  constructor(told) {
    super(told.what);
    this.told = told;
  }
}

/** Asks; every answer that is none of success becomes a Failure. */
export async function ask(path, options = {}) {
  let answer;
  try {
    answer = await fetch(path, { ...options, headers: { ...options.headers, Authorization: `Bearer ${token}` } });
  } catch (failure) {
    if (failure.name === 'AbortError') {
      throw failure;
    }
    throw new Failure({ what: 'the server does not answer', next: 'look whether it still runs' });
  }

  if (!answer.ok) {
    const text = await answer.text();
    let told = { what: `the server answers ${answer.status}` };
    try {
      told = JSON.parse(text);
    } catch { /* No JSON: the status has to do. */ }
    throw new Failure(told);
  }
  return answer;
}

/** Sends a file, as what it is. */
export const send = (path, file, signal) => ask(path, { method: 'POST', body: file, signal, headers: { 'Content-Type': typeOf(file) } });

/** Sends JSON, and reads the JSON that comes back. */
export async function askJson(path, value, signal) {
  return (await ask(path, { method: 'POST', body: JSON.stringify(value), signal, headers: { 'Content-Type': 'application/json' } })).json();
}

/** The file that a JSON answer carries in base64. */
export const carried = text => new Blob([Uint8Array.from(atob(text), letter => letter.charCodeAt(0))], { type: 'image/png' });

function typeOf(file) {
  return ['image/jpeg', 'image/png', 'image/webp', 'image/tiff'].includes(file.type) ? file.type : 'application/octet-stream';
}
