package dev.portcullis.spec.dmar;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Tables of real machines; `README.md` beside them says whose they are.
class RealTablesTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "672a49860807.dmar", // MSI Claw: SATC and SIDP
        "4d4ed189d16a.dmar", // ProLiant DL380e: the longest, many reserved regions
        "e74fe686f419.dmar", // MacBookPro14,3: device paths, padded
        "0d29630957f2.dmar", // Supermicro X10DAi: ATSR and RHSA, two sockets
        "39829edc8f98.dmar", // EliteBook 6930p: five units
        "a9633cb11a84.dmar", // Latitude 3590
      })
  void comesBackByteForByte(String file) throws IOException, MalformedDmarException {
    byte[] table = load(file);
    DmarTable decoded = DmarTable.decode(table);

    assertThat(decoded.encode()).isEqualTo(table);
    assertThat(decoded.structures()).isEqualTo(DmarTable.inOrder(decoded.structures()));
  }

  private static byte[] load(String file) throws IOException {
    try (InputStream in = RealTablesTest.class.getResourceAsStream(file)) {
      return in.readAllBytes();
    }
  }
}
