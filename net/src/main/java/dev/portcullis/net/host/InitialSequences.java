package dev.portcullis.net.host;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;

/// Where the sequence numbers of a connection begin (RFC 6528): a clock, moved by what nobody else
/// can guess.
final class InitialSequences {
  private static final long TICK_NANOS = 4_000;
  private final byte[] secret = new byte[16];

  InitialSequences() {
    new SecureRandom().nextBytes(secret);
  }

  int of(TcpSlot.Key key, long nowNanos) {
    ByteBuffer input = ByteBuffer.allocate(secret.length + 12).put(secret);
    input.putInt(key.localPort()).putInt(key.remote().bits()).putInt(key.remotePort());
    try {
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(input.array());
      return ByteBuffer.wrap(hash).getInt() + (int) (nowNanos / TICK_NANOS);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java has SHA-256", e);
    }
  }
}
