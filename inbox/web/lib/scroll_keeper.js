// Keeps a scroller where the reader is while its content grows above, below or inside: at the end if they were at the end,
// otherwise at the same row. Rows are the elements with a data-row name.

const NEAR_END = 80;

export class ScrollKeeper {
  constructor(scroller, onMove) {
    this.scroller = scroller;
    this.atEnd = true;
    this.anchor = null;
    this.onScroll = () => {
      this.look();
      onMove(this);
    };
    scroller.addEventListener("scroll", this.onScroll, { passive: true });
    this.watch = new ResizeObserver(() => this.settle());
    this.watch.observe(scroller);
    if (scroller.firstElementChild) this.watch.observe(scroller.firstElementChild);
  }

  stop() {
    this.scroller.removeEventListener("scroll", this.onScroll);
    this.watch.disconnect();
  }

  /** Remember what the reader sees now. */
  look() {
    const { scrollTop, scrollHeight, clientHeight } = this.scroller;
    this.atEnd = scrollHeight - scrollTop - clientHeight < NEAR_END;
    const row = this.rows().find((element) => element.offsetTop + element.offsetHeight > scrollTop);
    this.anchor = row ? { name: row.dataset.row, offset: row.offsetTop - scrollTop } : null;
  }

  /** Put them back there after the content has changed. */
  settle() {
    if (this.atEnd) {
      this.toEnd();
      return;
    }
    const row = this.anchor && this.rows().find((element) => element.dataset.row === this.anchor.name);
    if (row) this.scroller.scrollTop = row.offsetTop - this.anchor.offset;
  }

  toEnd() {
    this.atEnd = true;
    this.scroller.scrollTop = this.scroller.scrollHeight;
  }

  /** Show `name` with a little room above it. */
  toRow(name, room = 72) {
    const row = this.rows().find((element) => element.dataset.row === name);
    if (!row) return;
    this.atEnd = false;
    this.scroller.scrollTop = row.offsetTop - room;
    this.look();
  }

  rows() {
    return [...this.scroller.querySelectorAll("[data-row]")];
  }
}
