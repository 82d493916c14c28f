package dev.portcullis.management.posture;

import dev.portcullis.management.state.StateException;
import dev.portcullis.management.state.StateStore;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;
import java.util.Optional;

/// The key that reports are signed with (Ed25519): it is the services partition's, is kept in its
/// state, and no partition sees it.
public final class ReportKey {
  private static final String ALGORITHM = "Ed25519";
  private static final String STATE = "posture.key";

  private final KeyPair pair;

  private ReportKey(KeyPair pair) {
    this.pair = pair;
  }

  /// The key in the state: a new one if there is none, or if it is damaged.
  ///
  /// @throws StateException if a new one cannot be kept
  public static ReportKey of(StateStore state) throws StateException {
    Optional<KeyPair> kept = kept(state);
    if (kept.isPresent()) {
      return new ReportKey(kept.get());
    }
    try {
      KeyPair pair = KeyPairGenerator.getInstance(ALGORITHM).generateKeyPair();
      Base64.Encoder base64 = Base64.getEncoder();
      state.write(
          STATE,
          base64.encodeToString(pair.getPrivate().getEncoded())
              + "\n"
              + base64.encodeToString(pair.getPublic().getEncoded()));
      return new ReportKey(pair);
    } catch (GeneralSecurityException e) {
      throw new AssertionError("every JDK has Ed25519", e);
    }
  }

  /// Nothing that the old key has signed is needed when there is a new one.
  private static Optional<KeyPair> kept(StateStore state) {
    try {
      Optional<String> text = state.read(STATE);
      if (text.isEmpty()) {
        return Optional.empty();
      }
      String[] halves = text.get().split("\n", 2);
      Base64.Decoder base64 = Base64.getDecoder();
      KeyFactory factory = KeyFactory.getInstance(ALGORITHM);
      return Optional.of(
          new KeyPair(
              factory.generatePublic(new X509EncodedKeySpec(base64.decode(halves[1]))),
              factory.generatePrivate(new PKCS8EncodedKeySpec(base64.decode(halves[0])))));
    } catch (StateException | GeneralSecurityException | RuntimeException damaged) {
      return Optional.empty();
    }
  }

  /// Who may know it: everybody.
  public PublicKey publicKey() {
    return pair.getPublic();
  }

  /// Signs a report.
  SignedReport sign(PostureReport report) {
    byte[] json = report.toJson();
    try {
      Signature signature = Signature.getInstance(ALGORITHM);
      signature.initSign(pair.getPrivate());
      signature.update(json);
      return new SignedReport(json, signature.sign());
    } catch (GeneralSecurityException e) {
      throw new AssertionError("a key of our own", e);
    }
  }

  static boolean isSigned(SignedReport report, PublicKey key) {
    try {
      Signature signature = Signature.getInstance(ALGORITHM);
      signature.initVerify(key);
      signature.update(report.json());
      return signature.verify(report.signature());
    } catch (GeneralSecurityException e) {
      return false;
    }
  }
}
