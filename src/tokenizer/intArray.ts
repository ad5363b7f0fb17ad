/** An array of 32-bit integers, 4 bytes each, that grows by a quarter of its room at a time. */
export class IntArray {
  /** Holds the values in its first `length` places. */
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

  /** Keeps the first `length` values; what they no longer need of the room is given back. */
  truncate(length: number): void {
    this.length = length;
    if (4 * length < this.data.length && this.data.length > 32)
      this.data = this.data.slice(0, Math.max(32, 2 * length));
  }
}
