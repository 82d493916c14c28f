package dev.portcullis.kit.register;

/// Where registers are in the window. The fault records and the IVA register are elsewhere on each
/// unit; [Registers] finds them.
///
/// @vtd 11.4 Register Descriptions
public final class Offsets {
  public static final int VER = 0x000;
  public static final int CAP = 0x008;
  public static final int ECAP = 0x010;
  public static final int GCMD = 0x018;
  public static final int GSTS = 0x01c;
  public static final int RTADDR = 0x020;
  public static final int CCMD = 0x028;
  public static final int FSTS = 0x034;
  public static final int FECTL = 0x038;
  public static final int FEDATA = 0x03c;
  public static final int FEADDR = 0x040;
  public static final int FEUADDR = 0x044;
  public static final int PMEN = 0x064;
  public static final int PLMBASE = 0x068;
  public static final int PLMLIMIT = 0x06c;
  public static final int PHMBASE = 0x070;
  public static final int PHMLIMIT = 0x078;
  public static final int IQH = 0x080;
  public static final int IQT = 0x088;
  public static final int IQA = 0x090;
  public static final int ICS = 0x09c;
  public static final int IECTL = 0x0a0;
  public static final int IEDATA = 0x0a4;
  public static final int IEADDR = 0x0a8;
  public static final int IEUADDR = 0x0ac;
  public static final int IQERCD = 0x0b0;
  public static final int IRTA = 0x0b8;
  public static final int PQH = 0x0c0;
  public static final int PQT = 0x0c8;
  public static final int PQA = 0x0d0;
  public static final int PRS = 0x0dc;
  public static final int PECTL = 0x0e0;
  public static final int PEDATA = 0x0e4;
  public static final int PEADDR = 0x0e8;
  public static final int PEUADDR = 0x0ec;

  private Offsets() {}
}
