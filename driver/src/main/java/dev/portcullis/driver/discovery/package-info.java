/// What a unit can do, and whether the driver can work with it.
package dev.portcullis.driver.discovery;
