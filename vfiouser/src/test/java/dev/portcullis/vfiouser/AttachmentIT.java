package dev.portcullis.vfiouser;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.memory.MemoryMap;
import dev.portcullis.pci.RequesterId;
import dev.portcullis.vfiouser.client.GuestMemory;
import dev.portcullis.vfiouser.client.VfioUserClient;
import dev.portcullis.vfiouser.server.Endpoint;
import dev.portcullis.vfiouser.server.VfioUserServer;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AttachmentIT {
  private static final RequesterId PLACE = RequesterId.parse("00:05.0");

  @TempDir private Path folder;

  @Test
  void theFunctionHearsOfEachClientBeforeTheClientSeesIt() throws Exception {
    AtomicInteger attachments = new AtomicInteger();
    var function =
        new ScratchFunction() {
          @Override
          public void attached() {
            attachments.incrementAndGet();
          }
        };
    Endpoint endpoint = Endpoint.of(PLACE, function, new MemoryMap());
    try (VfioUserServer server = VfioUserServer.listen(folder.resolve("socket"), endpoint);
        GuestMemory guest = new GuestMemory(0x10000, 1 << 20)) {
      for (int client = 1; client <= 3; client++) {
        try (VfioUserClient _ = VfioUserClient.connect(server.socket(), guest)) {
          assertThat(attachments).hasValue(client);
        }
      }
    }
  }
}
