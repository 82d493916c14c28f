/// Tables in memory: from requester to translation, and page tables. They write entries; which
/// invalidations follow is their caller's affair.
package dev.portcullis.driver.table;
