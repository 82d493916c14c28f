package dev.portcullis.vfiouser;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.memory.MemoryMap;
import dev.portcullis.pci.RequesterId;
import dev.portcullis.vfiouser.client.GuestMemory;
import dev.portcullis.vfiouser.client.VfioUserClient;
import dev.portcullis.vfiouser.server.Endpoint;
import dev.portcullis.vfiouser.server.VfioUserServer;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CommandsIT {
  @TempDir Path folder;

  @Test
  void smoke() throws Exception {
    MemoryMap memory = new MemoryMap();
    ScratchFunction function = new ScratchFunction();
    try (VfioUserServer server =
            VfioUserServer.listen(
                folder.resolve("s"), Endpoint.of(RequesterId.parse("00:05.0"), function, memory));
        GuestMemory guest = new GuestMemory(0x10000, 1 << 20);
        VfioUserClient client = VfioUserClient.connect(server.socket(), guest)) {
      assertThat(client.deviceInfo().regions()).isEqualTo(9);
      assertThat(client.readNumber(VfioUserClient.CONFIG, 0, 4)).isEqualTo(0x11e81234);
      assertThat(client.readNumber(VfioUserClient.CONFIG, 6, 2)).isZero();
      client.reset();
      assertThat(client.readNumber(VfioUserClient.CONFIG, 6, 2)).isEqualTo(0x10);
      client.map(guest.range(), guest.file());
      assertThat(memory.regions()).hasSize(1);
      client.writeNumber(0, 8, 4, 77);
      assertThat(client.readNumber(0, 8, 8)).isEqualTo(77);
      assertThat(server.postMessage(0xfee01000L, 0x41)).isTrue();
      assertThat(guest.messages().take()).isEqualTo(new GuestMemory.Message(0xfee01000L, 0x41));
      client.unmapAll();
      assertThat(memory.regions()).isEmpty();
    }
  }
}
