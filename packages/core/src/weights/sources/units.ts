/** Units numbered as their labels are first met. */
export class Units {
  readonly #places = new Map<string, number>();

  /** The unit's number, a new one for a new label. */
  of(label: string): number {
    const known = this.#places.get(label);
    if (known !== undefined) return known;
    this.#places.set(label, this.#places.size);
    return this.#places.size - 1;
  }

  find(label: string): number | undefined {
    return this.#places.get(label);
  }

  get labels(): string[] {
    return [...this.#places.keys()];
  }
}

/** Links as they are met. */
export class LinkList {
  readonly from: number[] = [];
  readonly to: number[] = [];
  readonly values: number[] = [];

  add(i: number, j: number, w: number): void {
    this.from.push(i);
    this.to.push(j);
    this.values.push(w);
  }
}
