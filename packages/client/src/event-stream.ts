/** One event of a server-sent event stream. */
export interface StreamEvent {
  readonly event: string;
  readonly data: string;
  /** the last id the stream has given so far, this event's included */
  readonly id: string;
}

/**
 * Reads `text/event-stream` piece by piece, however the network cut it.
 *
 * @see WHATWG HTML, §9.2.6 Interpreting an event stream
 */
export class EventStreamReader {
  /** what the stream asked to be waited before a reconnection, milliseconds */
  retryMs: number | null = null;
  #rest = '';
  #started = false;
  #event = '';
  #data: string[] = [];
  #id = '';

  constructor(lastEventId = '') {
    this.#id = lastEventId;
  }

  /** The events that this piece completes. */
  push(piece: string): StreamEvent[] {
    let text = this.#rest + piece;
    if (!this.#started && text !== '') {
      this.#started = true;
      if (text.startsWith('\ufeff')) text = text.slice(1);
    }
    const events: StreamEvent[] = [];
    // A carriage return at the end may be the first half of \r\n: it waits for the next piece.
    const lineEnd = /\r\n|\n|\r(?!$)/g;
    let start = 0;
    for (let end = lineEnd.exec(text); end !== null; end = lineEnd.exec(text)) {
      const event = this.#line(text.slice(start, end.index));
      if (event) events.push(event);
      start = end.index + end[0].length;
    }
    this.#rest = text.slice(start);
    return events;
  }

  #line(line: string): StreamEvent | null {
    if (line === '') return this.#dispatch();
    const colon = line.indexOf(':');
    if (colon === 0) return null; // a comment: the heartbeat
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (name === 'event') this.#event = value;
    else if (name === 'data') this.#data.push(value);
    else if (name === 'id' && !value.includes('\0')) this.#id = value;
    else if (name === 'retry' && /^\d+$/.test(value)) this.retryMs = Number(value);
    return null;
  }

  #dispatch(): StreamEvent | null {
    const event = { event: this.#event || 'message', data: this.#data.join('\n'), id: this.#id };
    const empty = this.#data.length === 0;
    this.#event = '';
    this.#data = [];
    return empty ? null : event;
  }
}
