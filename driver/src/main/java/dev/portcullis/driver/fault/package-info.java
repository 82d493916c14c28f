/// What the unit has refused, and to whom.
package dev.portcullis.driver.fault;
