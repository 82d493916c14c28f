package dev.portcullis.kit.coverage;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/// Which items of the architecture a test proves. The names are those of [Universe]: "fault 05h",
/// "descriptor 2h", "queue error 4", "register FECTL.IP".
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.METHOD, ElementType.TYPE})
public @interface Covers {
  String[] value();
}
