package dev.portcullis.devices.atc;

import dev.portcullis.pci.Ats;
import dev.portcullis.pci.FunctionHeader;
import dev.portcullis.pci.PageRequestInterface;
import dev.portcullis.pci.Pasid;
import dev.portcullis.pci.PciFunction;
import dev.portcullis.pci.UpstreamPort;
import java.util.List;

/// A function that has what a device with shared memory has, and does nothing by itself.
final class SampleFunction extends PciFunction {
  static final int ATS_CONTROL = 0x106;
  static final int PASID_CONTROL = 0x10e;
  static final int PRI_CONTROL = 0x114;
  static final int PRI_STATUS = 0x116;
  static final int PRI_ALLOCATION = 0x11c;

  static final int PASID_ON = 1;
  static final int PASID_PRIVILEGED = 4;
  static final int PASID_TRANSLATED = 8;

  final Ats ats;
  final Pasid pasid;
  final PageRequestInterface pages;

  SampleFunction() {
    this(new Ats(32), new Pasid(), new PageRequestInterface(8));
  }

  private SampleFunction(Ats ats, Pasid pasid, PageRequestInterface pages) {
    super(FunctionHeader.of(0x1234, 1), List.of(), List.of(ats, pasid, pages));
    this.ats = ats;
    this.pasid = pasid;
    this.pages = pages;
  }

  UpstreamPort near() {
    return port();
  }

  SampleFunction with(int offset, int value) {
    writeConfig(offset, 2, value);
    return this;
  }

  @Override
  public long readBar(int bar, long offset, int widthBytes) {
    return 0;
  }

  @Override
  public void writeBar(int bar, long offset, int widthBytes, long value) {}
}
