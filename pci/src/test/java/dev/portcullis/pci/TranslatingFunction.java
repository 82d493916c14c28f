package dev.portcullis.pci;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;

/// A function with the three capabilities of shared virtual memory, and a notebook of what software
/// does to them.
final class TranslatingFunction extends PciFunction {
  static final int EXPRESS = 0x48;
  static final int ATS = 0x100;
  static final int PASID = 0x108;
  static final int PRI = 0x110;

  final Ats ats;
  final Pasid pasid;
  final PageRequestInterface pages;
  final List<String> heard = new ArrayList<>();

  TranslatingFunction() {
    this(
        new Ats(32),
        new Pasid(16, EnumSet.of(Pasid.Feature.PRIVILEGED)),
        new PageRequestInterface(64));
  }

  private TranslatingFunction(Ats ats, Pasid pasid, PageRequestInterface pages) {
    super(
        FunctionHeader.of(0x1234, 1),
        List.of(),
        List.of(
            new PowerManagement(),
            new PciExpress(PciExpress.Kind.ROOT_COMPLEX_INTEGRATED_ENDPOINT),
            ats,
            pasid,
            pages));
    this.ats = ats;
    this.pasid = pasid;
    this.pages = pages;
    ats.onSwitch(() -> heard.add(ats.isEnabled() ? "ats on" : "ats off"));
    pages.tell(
        new PageRequestInterface.Requester() {
          @Override
          public void allowed() {
            heard.add("pages allowed");
          }

          @Override
          public void forbidden() {
            heard.add("pages forbidden");
          }

          @Override
          public void forget() {
            heard.add("forget");
          }
        });
  }

  UpstreamPort near() {
    return port();
  }

  @Override
  public long readBar(int bar, long offset, int widthBytes) {
    return 0;
  }

  @Override
  public void writeBar(int bar, long offset, int widthBytes, long value) {}
}
