package dev.portcullis.vfiouser;

import static dev.portcullis.vfiouser.Served.assertLeaksNothing;
import static dev.portcullis.vfiouser.Served.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.linux.Descriptor;
import dev.portcullis.linux.Errno;
import dev.portcullis.linux.Event;
import dev.portcullis.linux.MemoryFile;
import dev.portcullis.vfiouser.client.GuestMemory;
import dev.portcullis.vfiouser.client.GuestMemory.Message;
import dev.portcullis.vfiouser.client.VfioUserClient;
import dev.portcullis.vfiouser.wire.IrqIndex;
import dev.portcullis.vfiouser.wire.IrqSet;
import dev.portcullis.vfiouser.wire.IrqSet.Action;
import dev.portcullis.vfiouser.wire.IrqSet.Data;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class InterruptsIT {
  private static final boolean[] NONE = {};

  private static IrqSet pin(Data data, Action action) {
    return new IrqSet(IrqIndex.INTX, data, action, 0, 1, NONE);
  }

  private static IrqSet vectors(IrqIndex index, int start, int count) {
    return new IrqSet(index, Data.EVENT, Action.TRIGGER, start, count, NONE);
  }

  private static IrqSet off(IrqIndex index) {
    return new IrqSet(index, Data.NONE, Action.TRIGGER, 0, 0, NONE);
  }

  @Test
  void thePinFiresOnceMasksItselfAndFiresAgainWhenUnmaskedWhileAsserted() throws Exception {
    try (Served served = new Served();
        VfioUserClient client = served.client();
        Descriptor event = Event.create()) {
      client.setIrqs(pin(Data.EVENT, Action.TRIGGER), List.of(event));
      assertThat(Event.take(event)).isZero();

      client.writeNumber(0, ScratchFunction.PIN, 4, 1);
      client.writeNumber(0, ScratchFunction.PIN, 4, 1);
      assertThat(Event.take(event)).isEqualTo(1);

      client.setIrqs(pin(Data.NONE, Action.UNMASK), List.of());
      assertThat(Event.take(event)).isEqualTo(1);

      client.writeNumber(0, ScratchFunction.PIN, 4, 0);
      client.setIrqs(pin(Data.NONE, Action.UNMASK), List.of());
      assertThat(Event.take(event)).isZero();

      client.setIrqs(pin(Data.NONE, Action.MASK), List.of());
      client.writeNumber(0, ScratchFunction.PIN, 4, 1);
      assertThat(Event.take(event)).isZero();
      client.setIrqs(
          new IrqSet(IrqIndex.INTX, Data.BOOL, Action.UNMASK, 0, 1, new boolean[] {false}),
          List.of());
      assertThat(Event.take(event)).isZero();
      client.setIrqs(
          new IrqSet(IrqIndex.INTX, Data.BOOL, Action.UNMASK, 0, 1, new boolean[] {true}),
          List.of());
      assertThat(Event.take(event)).isEqualTo(1);
    }
  }

  @Test
  void aPinAssertedBeforeAnyoneListensFiresWhenSomeoneDoes() throws Exception {
    try (Served served = new Served();
        Descriptor event = Event.create()) {
      try (VfioUserClient client = served.client()) {
        client.writeNumber(0, ScratchFunction.PIN, 4, 1);
      }
      served.awaitNobody();
      try (VfioUserClient client = served.client()) {
        client.setIrqs(pin(Data.EVENT, Action.TRIGGER), List.of(event));
        assertThat(Event.take(event)).isEqualTo(1);
      }
    }
  }

  @Test
  void vectorsAreSignalledByTheEventOfEach() throws Exception {
    try (Served served = new Served();
        VfioUserClient client = served.client();
        Descriptor two = Event.create();
        Descriptor three = Event.create()) {
      assertThat(served.server.signal(IrqIndex.MSIX, 2)).isFalse();
      client.setIrqs(vectors(IrqIndex.MSIX, 2, 2), List.of(two, three));
      assertThat(served.server.signal(IrqIndex.MSIX, 3)).isTrue();
      assertThat(served.server.signal(IrqIndex.MSIX, 1)).isFalse();
      assertThat(served.server.signal(IrqIndex.MSIX, 8)).isFalse();
      assertThat(Event.take(two)).isZero();
      assertThat(Event.take(three)).isEqualTo(1);

      client.setIrqs(
          new IrqSet(IrqIndex.MSIX, Data.BOOL, Action.TRIGGER, 2, 2, new boolean[] {true, false}),
          List.of());
      client.setIrqs(new IrqSet(IrqIndex.MSIX, Data.NONE, Action.TRIGGER, 0, 8, NONE), List.of());
      assertThat(Event.take(two)).isEqualTo(2);
      assertThat(Event.take(three)).isEqualTo(1);

      client.setIrqs(vectors(IrqIndex.MSIX, 2, 1), List.of());
      assertThat(served.server.signal(IrqIndex.MSIX, 2)).isFalse();
      assertThat(served.server.signal(IrqIndex.MSIX, 3)).isTrue();
      client.setIrqs(off(IrqIndex.MSIX), List.of());
      assertThat(served.server.signal(IrqIndex.MSIX, 3)).isFalse();
    }
  }

  @Test
  void errorAndRequestHaveAnEventEach() throws Exception {
    try (Served served = new Served();
        VfioUserClient client = served.client();
        Descriptor event = Event.create()) {
      for (IrqIndex index : List.of(IrqIndex.ERR, IrqIndex.REQ)) {
        client.setIrqs(vectors(index, 0, 1), List.of(event));
        assertThat(served.server.signal(index, 0)).isTrue();
        assertThat(Event.take(event)).isEqualTo(1);
        client.setIrqs(off(index), List.of());
      }
    }
  }

  @Test
  void whatMakesNoSenseIsRefusedAndNoDescriptorRemains() throws Exception {
    try (Served served = new Served();
        VfioUserClient client = served.client();
        Descriptor event = Event.create();
        Descriptor file = MemoryFile.create("no event", 4096)) {
      assertLeaksNothing(() -> {
        refuse(client, Errno.EINVAL, vectors(IrqIndex.MSIX, 7, 2), event, event);
        refuse(client, Errno.EINVAL, vectors(IrqIndex.MSIX, 0, 2), event);
        refuse(client, Errno.EINVAL, vectors(IrqIndex.MSIX, 0, 1), event, event);
        refuse(client, Errno.EINVAL, vectors(IrqIndex.MSIX, 0, 1), file);
        refuse(client, Errno.EINVAL, vectors(IrqIndex.MSIX, 0xffff_ffff, 1), event);
        refuse(client, Errno.EINVAL, vectors(IrqIndex.MSI, 0, 0), event);
        refuse(client, Errno.EINVAL, off(IrqIndex.MSI), event);
        refuse(client, Errno.EINVAL, pin(Data.NONE, Action.TRIGGER), event);
        refuse(client, Errno.EINVAL, pin(Data.NONE, Action.UNMASK), event);
        refuse(client, Errno.ENOTSUP, pin(Data.EVENT, Action.UNMASK), event);
        refuse(client, Errno.EINVAL, new IrqSet(IrqIndex.MSI, Data.NONE, Action.MASK, 0, 1, NONE));
        return null;
      });
    }
  }

  private static void refuse(VfioUserClient client, Errno errno, IrqSet set, Descriptor... events) {
    assertRefused(errno, () -> client.setIrqs(set, List.of(events)));
  }

  @Test
  void anInterruptMessageIsAWriteOfTheDevice() throws Exception {
    try (Served served = new Served();
        GuestMemory guest = new GuestMemory(0, 4096)) {
      assertThat(served.server.postMessage(0xfee0_1000L, 0x41)).isFalse();
      try (VfioUserClient client = served.client(guest)) {
        for (int i = 0; i < 100; i++) {
          assertThat(served.server.postMessage(0xfee0_1000L, i)).isTrue();
        }
        for (int i = 0; i < 100; i++) {
          assertThat(guest.messages().poll(10, TimeUnit.SECONDS))
              .isEqualTo(new Message(0xfee0_1000L, i));
        }
        // One the client does not take is lost, as on a bus.
        assertThat(served.server.postMessage(0x10_0000, 1)).isTrue();
        assertThat(client.deviceInfo().regions()).isEqualTo(9);
      }
    }
  }

  @Test
  void aMessageSentInsideAnAccessArrivesBeforeItsReply() throws Exception {
    try (Served served = new Served();
        GuestMemory guest = new GuestMemory(0, 4096);
        VfioUserClient client = served.client(guest)) {
      client.writeNumber(VfioUserClient.CONFIG, 4, 2, 6);
      for (int i = 0; i < 100; i++) {
        client.writeNumber(0, ScratchFunction.MESSAGE, 4, i);
        assertThat(guest.messages().poll())
            .isEqualTo(new Message(ScratchFunction.MESSAGE_ADDRESS, i));
      }
    }
  }
}
