package dev.portcullis.machine.wiring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.machine.wiring.Envelope.Rules;
import dev.portcullis.machine.wiring.Envelope.Treatment;
import dev.portcullis.pci.AddressType;
import dev.portcullis.pci.PasidPrefix;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EnvelopeTest {
  private static final int PREFIX = PasidPrefix.of(0xfffff) | PasidPrefix.PRIVILEGED;

  @ParameterizedTest
  @CsvSource({
    "UNTRANSLATED, false, false, TRANSLATE",
    "UNTRANSLATED, true, false, TRANSLATE",
    "TRANSLATED, false, false, CHECK",
    "TRANSLATED, true, false, REFUSE",
    "TRANSLATED, true, true, CHECK",
    "TRANSLATION_REQUEST, false, true, REFUSE",
    "RESERVED, false, true, REFUSE"
  })
  void theAddressTypeDecides(
      AddressType type, boolean pasid, boolean pasidInTranslated, Treatment treatment) {
    int envelope = Envelope.of(type, pasid ? PREFIX : PasidPrefix.NONE);
    assertThat(new Rules(pasidInTranslated).treatmentOf(envelope)).isEqualTo(treatment);
    assertThat(Envelope.prefix(envelope)).isEqualTo(pasid ? PREFIX : PasidPrefix.NONE);
  }
}
