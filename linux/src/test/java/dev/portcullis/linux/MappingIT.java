package dev.portcullis.linux;

import static dev.portcullis.linux.UnixSocketIT.assertFails;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.EnumSet;
import org.junit.jupiter.api.Test;

class MappingIT {
  @Test
  void twoMappingsOfOneFileShareTheirBytes() throws Exception {
    try (Descriptor file = MemoryFile.create("shared", 1 << 16);
        Mapping writer = Mapping.of(file, 4096, 8192, Mapping.Protection.READ_WRITE);
        Mapping reader = Mapping.of(file, 0, 1 << 16, Mapping.Protection.READ_ONLY)) {
      writer.bytes().set(ValueLayout.JAVA_LONG, 8, 42);
      assertThat(reader.bytes().get(ValueLayout.JAVA_LONG, 4096 + 8)).isEqualTo(42);
      assertThat(reader.bytes().isReadOnly()).isTrue();
      assertThat(MemoryFile.sizeBytes(file)).isEqualTo(1 << 16);
    }
  }

  @Test
  void anAccessAfterTheUnmappingThrows() throws Exception {
    try (Descriptor file = MemoryFile.create("gone", 4096)) {
      Mapping mapping = Mapping.of(file, 0, 4096, Mapping.Protection.READ_WRITE);
      MemorySegment bytes = mapping.bytes();
      mapping.close();
      mapping.close();
      assertThatThrownBy(() -> bytes.get(ValueLayout.JAVA_BYTE, 0))
          .isInstanceOf(IllegalStateException.class);
    }
  }

  @Test
  void sealsAreSeenAndHold() throws Exception {
    try (Descriptor file = MemoryFile.create("sealed", 8192)) {
      assertThat(MemoryFile.seals(file)).isEmpty();
      MemoryFile.seal(file, EnumSet.of(MemoryFile.Seal.SHRINK));
      assertThat(MemoryFile.seals(file)).containsExactly(MemoryFile.Seal.SHRINK);
      assertFails(Errno.EPERM, () -> MemoryFile.resize(file, 4096));
    }
  }

  @Test
  void nothingIsMappedFromWhatIsNoFileOrNotOnAPage() throws Exception {
    try (Descriptor file = MemoryFile.create("odd", 8192);
        Descriptor event = Event.create()) {
      var access = Mapping.Protection.READ_WRITE;
      assertFails(Errno.EINVAL, () -> Mapping.of(file, 100, 4096, access));
      assertFails(Errno.EINVAL, () -> Mapping.of(file, 0, 0, access));
      assertFails(Errno.EINVAL, () -> Mapping.of(file, -4096, 4096, access));
      assertFails(Errno.ENODEV, () -> Mapping.of(event, 0, 4096, access));
      assertFails(Errno.EINVAL, () -> MemoryFile.sizeBytes(event));
      assertThat(MemoryFile.seals(event)).isEmpty();
    }
  }
}
