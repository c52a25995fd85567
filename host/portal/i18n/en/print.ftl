# Printing.
print-pdf = PDF for printing
print-foot = Page { $n } of { $m }
print-more = there is more: go to the next page to print it, or export the table
print-map = The map is not printed. What is on it:
print-sign = Signature:
print-date = Date:
error-print = No PDF could be made
    .mend = Narrow the range and try again; if that does not help, the administrator mends it as said below.
