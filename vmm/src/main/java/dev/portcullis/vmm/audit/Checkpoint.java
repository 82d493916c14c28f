package dev.portcullis.vmm.audit;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A small file beside the log, or better far from it, that knows a record of it: whoever cuts off
/// the log's end has to change this, too.
final class Checkpoint {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final long LONGEST_BYTES = 4096;

  private Checkpoint() {}

  /// Replaces `file`, at once and for good.
  static void write(Path file, Head head) throws IOException {
    Map<String, Object> members = new LinkedHashMap<>();
    members.put("log", head.log());
    members.put("seq", head.sequence());
    members.put("hash", head.hash());
    Path fresh = file.resolveSibling(file.getFileName() + ".new");
    try (FileChannel channel =
        FileChannel.open(
            fresh,
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE,
            StandardOpenOption.TRUNCATE_EXISTING)) {
      ByteBuffer bytes = ByteBuffer.wrap((JSON.writeValueAsString(members) + "\n").getBytes());
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      channel.force(true);
    }
    Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  /// @throws IOException if it cannot be read, or is no checkpoint
  static Head read(Path file) throws IOException {
    if (Files.size(file) > LONGEST_BYTES) {
      throw new IOException(file + " is no checkpoint");
    }
    try {
      JsonNode json = JSON.readTree(Files.readAllBytes(file));
      Head head =
          new Head(
              json.path("log").asString(""),
              json.path("seq").asLong(-1),
              json.path("hash").asString(""));
      if (head.sequence() < 0 || head.log().isEmpty() || head.hash().isEmpty()) {
        throw new IOException(file + " is no checkpoint");
      }
      return head;
    } catch (JacksonException e) {
      throw new IOException(file + " is no checkpoint", e);
    }
  }
}
