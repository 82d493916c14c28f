package dev.portcullis.devices.block;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.NonWritableChannelException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileBackendTest {
  private static final int SIZE = 1 << 20;

  @TempDir Path folder;
  private Path path;

  @BeforeEach
  void create() throws IOException {
    path = folder.resolve("disk.img");
    FileBackend.create(path, SIZE);
  }

  private static ByteBuffer bytes(int length, int value) {
    ByteBuffer buffer = ByteBuffer.allocateDirect(length);
    for (int i = 0; i < length; i++) {
      buffer.put(i, (byte) value);
    }
    return buffer;
  }

  @Test
  void whatIsWrittenIsInTheFile() throws IOException {
    try (FileBackend disk = FileBackend.open(path, 512)) {
      assertThat(disk.sizeBytes()).isEqualTo(SIZE);
      disk.write(SIZE - 512, bytes(512, 7));
      disk.flush();
      ByteBuffer back = bytes(1024, 1);
      disk.read(SIZE - 1024, back);
      assertThat(back.get(511)).isZero();
      assertThat(back.get(512)).isEqualTo((byte) 7);
    }
    assertThat(Files.readAllBytes(path)[SIZE - 1]).isEqualTo((byte) 7);
  }

  @Test
  void aDiskOpenedForReadingNeedsNoRightToWrite() throws IOException {
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("r--r--r--"));
    try (FileBackend disk = FileBackend.openReadOnly(path, 512)) {
      assertThat(disk.isReadOnly()).isTrue();
      ByteBuffer back = bytes(512, 1);
      disk.read(0, back);
      assertThat(back.get(0)).isZero();
      assertThatThrownBy(() -> disk.write(0, bytes(512, 1)))
          .isInstanceOf(NonWritableChannelException.class);
    }
  }

  @Test
  void creatingLeavesADiskThatIsThereAlone() throws IOException {
    Files.write(path, new byte[512]);
    FileBackend.create(path, SIZE);
    assertThat(Files.size(path)).isEqualTo(512);
  }

  @Test
  void zeroesAreWritten() throws IOException {
    try (FileBackend disk = FileBackend.open(path, 512)) {
      disk.write(0, bytes(600_000, 9));
      disk.writeZeroes(512, 590_000);
      ByteBuffer back = bytes(600_000, 1);
      disk.read(0, back);
      assertThat(back.get(511)).isEqualTo((byte) 9);
      for (int i = 512; i < 590_512; i++) {
        assertThat(back.get(i)).isZero();
      }
      assertThat(back.get(590_512)).isEqualTo((byte) 9);
    }
  }

  @Test
  void deallocatedBytesAreKeptUnlessThereIsAHolePuncher() throws IOException {
    try (FileBackend disk = FileBackend.open(path, 512)) {
      disk.deallocate(0, 512);
      assertThat(disk.deallocatedBytes()).isEqualTo(BlockBackend.Deallocated.KEPT);
    }
    List<String> holes = new ArrayList<>();
    try (FileBackend disk =
        FileBackend.open(path, 512, (offset, length) -> holes.add(offset + "+" + length))) {
      disk.deallocate(1024, 512);
      assertThat(disk.deallocatedBytes()).isEqualTo(BlockBackend.Deallocated.ZEROES);
    }
    assertThat(holes).containsExactly("1024+512");
  }

  @Test
  void aDiskHasOneUserAtATime() throws IOException {
    try (FileBackend first = FileBackend.open(path, 512)) {
      assertThat(first.sizeBytes()).isPositive();
      assertThatThrownBy(() -> FileBackend.open(path, 512))
          .isInstanceOf(FileSystemException.class)
          .hasMessageContaining("disk.img: another machine uses this disk");
    }
    FileBackend.open(path, 512).close();
  }

  @Test
  void filesThatAreNoDisksAreRefused() throws IOException {
    Path missing = folder.resolve("missing.img");
    assertThatThrownBy(() -> FileBackend.open(missing, 512))
        .hasMessageContaining("missing.img: there is no such disk file");
    assertThatThrownBy(() -> FileBackend.open(folder, 512)).hasMessageContaining("no such disk");
    Files.write(path, new byte[1000]);
    assertThatThrownBy(() -> FileBackend.open(path, 512))
        .hasMessageContaining("1000 bytes are not a whole number of 512-byte blocks");
    Files.write(path, new byte[0]);
    assertThatThrownBy(() -> FileBackend.open(path, 512)).hasMessageContaining("0 bytes");
  }

  @Test
  void aFileCutBehindOurBackIsAnError() throws IOException {
    try (FileBackend disk = FileBackend.open(path, 512);
        FileChannel other = FileChannel.open(path, StandardOpenOption.WRITE)) {
      other.truncate(512);
      assertThatThrownBy(() -> disk.read(0, bytes(1024, 0))).isInstanceOf(EOFException.class);
    }
  }

  @Test
  void aDiskInMemoryKeepsWhatIsWritten() {
    RamBackend disk = new RamBackend(4096);
    disk.write(512, bytes(512, 5));
    ByteBuffer back = bytes(512, 0);
    disk.read(512, back);
    assertThat(back.hasRemaining()).isFalse();
    assertThat(back.get(511)).isEqualTo((byte) 5);
    disk.deallocate(512, 511);
    disk.read(512, back.clear());
    assertThat(back.get(510)).isZero();
    assertThat(back.get(511)).isEqualTo((byte) 5);
    disk.flush();
    disk.close();
  }

  @Test
  void theNullDiskTakesEverything() {
    NullBackend disk = new NullBackend(1L << 50);
    ByteBuffer data = bytes(512, 5);
    disk.write(1L << 49, data);
    assertThat(data.hasRemaining()).isFalse();
    disk.read(0, data.clear());
    assertThat(data.hasRemaining()).isFalse();
    disk.writeZeroes(0, 1);
    disk.deallocate(0, 1);
    disk.flush();
    disk.close();
    assertThat(disk.deallocatedBytes()).isEqualTo(BlockBackend.Deallocated.KEPT);
  }
}
