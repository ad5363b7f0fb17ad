/** A growing array of 32-bit integers: 4 bytes each, a quarter of the room to spare at most. */
export class CopyArray {
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
}
