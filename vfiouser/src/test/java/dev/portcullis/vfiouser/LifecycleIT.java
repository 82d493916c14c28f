package dev.portcullis.vfiouser;

import static dev.portcullis.vfiouser.Served.assertLeaksNothing;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.portcullis.linux.Descriptor;
import dev.portcullis.linux.Errno;
import dev.portcullis.linux.Event;
import dev.portcullis.linux.LinuxException;
import dev.portcullis.vfiouser.client.Bus;
import dev.portcullis.vfiouser.client.GuestMemory;
import dev.portcullis.vfiouser.client.VfioUserClient;
import dev.portcullis.vfiouser.server.Limits;
import dev.portcullis.vfiouser.server.VfioUserServer;
import dev.portcullis.vfiouser.wire.DmaMap;
import dev.portcullis.vfiouser.wire.IrqIndex;
import dev.portcullis.vfiouser.wire.IrqSet;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class LifecycleIT {
  private static final IrqSet ALL_VECTORS =
      new IrqSet(IrqIndex.MSIX, IrqSet.Data.EVENT, IrqSet.Action.TRIGGER, 0, 1, new boolean[0]);

  @Test
  void theFunctionKeepsItsStateAndTheClientsMemoryAndEventsGoWithIt() throws Exception {
    try (Served served = new Served();
        GuestMemory guest = new GuestMemory(0, 0x1000);
        Descriptor event = Event.create()) {
      assertLeaksNothing(() -> {
        try (VfioUserClient client = served.client()) {
          client.writeNumber(0, 0, 4, 42);
          client.map(guest.range(), guest.file());
          client.map(new DmaMap(DmaMap.READ, 0, 0x8000, 0x1000));
          client.setIrqs(ALL_VECTORS, List.of(event));
          assertThat(served.server.isConnected()).isTrue();
          assertThat(served.server.signal(IrqIndex.MSIX, 0)).isTrue();
        }
        served.awaitNobody();
        return null;
      });
      Served.await(() -> !served.server.signal(IrqIndex.MSIX, 0));
      assertThat(served.server.postMessage(0xfee0_0000L, 1)).isFalse();
      try (VfioUserClient client = served.client()) {
        assertThat(client.readNumber(0, 0, 4)).isEqualTo(42);
        client.map(guest.range(), guest.file());
      }
      assertThat(served.function.resets()).isZero();
      assertThat(served.log.soFar()).isEmpty();
    }
  }

  @Test
  void theSecondClientWaitsForTheFirstToLeave() throws Exception {
    Limits patient = new Limits(8, Duration.ofSeconds(60), Duration.ofSeconds(1));
    try (Served served = new Served(endpoint -> endpoint.with(patient))) {
      CompletableFuture<Long> second;
      try (VfioUserClient first = served.client()) {
        second =
            CompletableFuture.supplyAsync(() -> {
              try (VfioUserClient client = served.client()) {
                return client.readNumber(VfioUserClient.CONFIG, 0, 4);
              } catch (Exception e) {
                throw new AssertionError(e);
              }
            });
        assertThat(first.readNumber(VfioUserClient.CONFIG, 0, 4)).isEqualTo(ScratchFunction.ID);
        assertThat(second).isNotDone();
      }
      assertThat(second.get(10, TimeUnit.SECONDS)).isEqualTo(ScratchFunction.ID);
    }
  }

  @Test
  void aHundredConnectionsLeaveNothingBehind() throws Exception {
    try (Served served = new Served();
        GuestMemory guest = new GuestMemory(0, 0x1000)) {
      assertLeaksNothing(() -> {
        for (int i = 0; i < 100; i++) {
          try (VfioUserClient client = served.client()) {
            client.map(guest.range(), guest.file());
          }
        }
        served.awaitNobody();
        return null;
      });
    }
  }

  @Test
  void closingTheServerEndsTheConversationAndRemovesTheSocket() throws Exception {
    Served served = new Served();
    try (VfioUserClient client = served.client()) {
      served.close();
      assertThat(served.server.socket()).doesNotExist();
      assertThatThrownBy(client::deviceInfo).isInstanceOf(LinuxException.class);
    }
    served.server.close();
  }

  @Test
  void onlyOneServerServesAtASocket() throws Exception {
    try (Served served = new Served();
        Served other = new Served()) {
      assertThatThrownBy(() -> VfioUserServer.listen(served.server.socket(), other.endpoint))
          .isInstanceOfSatisfying(
              LinuxException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EADDRINUSE));
      try (VfioUserClient client = served.client(Bus.empty())) {
        assertThat(client.deviceInfo().regions()).isEqualTo(9);
      }
    }
  }
}
