package dev.portcullis.differential;

import dev.portcullis.differential.Situation.Mode;
import dev.portcullis.driver.port.DriverException;
import dev.portcullis.driver.port.PagePool;
import dev.portcullis.driver.port.Platform;
import dev.portcullis.kit.driver.DrivenPlatform;
import dev.portcullis.qtest.client.QtestClient;
import dev.portcullis.qtest.client.QtestException;

/// A machine behind qtest for the driver to drive; its edu device makes the requests, without
/// PASID.
///
/// A write has ended where it should if memory changed there. A read leaves no trace but in the
/// device: it is taken to have ended where it should unless the unit records that it refused it.
final class DrivenBench implements DrivenPlatform {
  private static final long UNIT_AT = 0xfed9_0000L;
  private static final long TABLES = 0x0200_0000L;
  private static final int TABLE_PAGES = 1024;
  private static final long BLOCKS = 0x0800_0000L;
  private static final int HOST_ADDRESS_BITS = 48;
  private static final long FAULT = 1L << 63;
  private static final int DMA_BYTES = 8;

  private final QtestClient client;
  private final Software software;
  private final Platform platform;
  private long nextBlock = BLOCKS;
  private long mark = 0x0123_4567_89ab_cdefL;

  DrivenBench(QtestClient client) throws QtestException {
    this.client = client;
    this.software = new Software(client, new Trace(Mode.LEGACY));
    software.placeDevices();
    this.platform =
        new Platform(
            new QtestRegisters(client, UNIT_AT),
            new QtestMemory(client),
            new PagePool(TABLES, TABLE_PAGES),
            HOST_ADDRESS_BITS);
  }

  @Override
  public Platform platform() {
    return platform;
  }

  @Override
  public long block(long bytes) throws DriverException {
    long block = nextBlock + bytes - 1 & -bytes;
    nextBlock = block + bytes;
    platform.memory().fill(block, bytes, (byte) 0);
    return block;
  }

  @Override
  public Reach write(int sourceId, int prefix, long iova, long hpa) throws DriverException {
    try {
      mark++;
      platform.memory().writeLong(hpa, mark);
      clearFaults();
      software.eduWrite(iova, DMA_BYTES);
      if (platform.memory().readLong(hpa) != mark) {
        return Reach.THERE;
      }
      return Reach.BLOCKED;
    } catch (QtestException e) {
      throw QtestMemory.unreachable(e);
    }
  }

  @Override
  public Reach read(int sourceId, int prefix, long iova, long hpa) throws DriverException {
    try {
      clearFaults();
      software.eduRead(iova, DMA_BYTES);
      long record = client.read(UNIT_AT + Software.FRCD + 8, 8);
      return (record & FAULT) == 0 ? Reach.THERE : Reach.BLOCKED;
    } catch (QtestException e) {
      throw QtestMemory.unreachable(e);
    }
  }

  private void clearFaults() throws QtestException {
    software.register32(Software.FRCD + 12, FAULT >>> 32);
    software.register32(Software.FSTS, 1);
  }
}
