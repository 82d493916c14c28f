package dev.portcullis.qemu.guest;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;

/// Keeps what is written, up to a bound: a guest that never stops writing must not fill the heap.
final class BoundedOutput extends OutputStream {

  private static final int LIMIT_BYTES = 64 << 20;

  private final ByteArrayOutputStream kept = new ByteArrayOutputStream();

  byte[] bytes() {
    return kept.toByteArray();
  }

  @Override
  public void write(int b) throws IOException {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    if (kept.size() + length > LIMIT_BYTES) {
      throw new IOException("a command in the guest wrote more than 64 MiB");
    }
    kept.write(bytes, offset, length);
  }
}
