/** A growing array of 32-bit integers; when it is full, it grows by a quarter. */
export class IntArray {
  /** The first `length` elements are the values. */
  data = new Int32Array(32);
  length = 0;

  push(value: number): void {
    if (this.length === this.data.length) {
      const longer = new Int32Array(this.length + (this.length >> 2));
      longer.set(this.data);
      this.data = longer;
    }
    this.data[this.length++] = value;
  }

  /** Takes off the last value. */
  pop(): void {
    this.length--;
  }

  /** Keeps the first `length` values and frees memory that is no longer needed. */
  truncate(length: number): void {
    this.length = length;
    if (4 * length < this.data.length && this.data.length > 32)
      this.data = this.data.slice(0, Math.max(32, 2 * length));
  }
}
