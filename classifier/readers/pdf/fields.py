"""Draw the values of a form's fields on their pages, where a person sees them.

The text of a page, as pdfium reads it, lacks what people typed into fields. So each page with a filled field is flattened in
memory: the looks of its fields become part of the page, also where the file has none and pdfium makes them of the value.
Fields of text and of one choice are drawn; check boxes, buttons, lists, signatures, passwords and all other annotations are
not.
"""

from __future__ import annotations

from typing import Any

MAX_ANNOTATIONS = 5000
"""Annotations of a page that are looked at; the fields of a page with more are not read."""
NOTE = "the values of its form fields are not read; print it to a new PDF to read them"
_PASSWORD = 1 << 13
"""Flag of a field for a password (PDF 1.7 reference, table 228)."""
_HIDDEN = 1 << 1
"""Flag of an annotation that is not shown (table 165)."""
_UNSEEN = _HIDDEN | 1 << 0 | 1 << 5
"""The same flag, and those of annotations that no program shows or that are only printed."""


def has_fields(document: Any) -> bool:
    """Whether a document is a form; it is then made ready for `draw_values`, before its pages are loaded."""
    import pypdfium2
    import pypdfium2.raw as pdfium

    if document.get_formtype() == pdfium.FORMTYPE_NONE:
        return False
    try:
        document.init_forms()
    except pypdfium2.PdfiumError:
        return False
    return document.formenv is not None


def draw_values(page: Any) -> tuple[bool, bool]:
    """Draw the values of the fields of a page.

    Returns
    -------
    is_changed, is_complete
        Whether the page has been changed and must be loaded again; whether no field was left out for its cost.
    """
    import pypdfium2
    import pypdfium2.raw as pdfium

    n_annotations = pdfium.FPDFPage_GetAnnotCount(page)
    if n_annotations > MAX_ANNOTATIONS:
        return False, False
    has_value = False
    for number in range(n_annotations):
        annotation = pdfium.FPDFPage_GetAnnot(page, number)
        if not annotation:
            continue
        flags = pdfium.FPDFAnnot_GetFlags(annotation)
        if _is_filled(page.formenv, annotation) and not flags & _UNSEEN:
            has_value = True
        else:  # what is hidden is not drawn
            pdfium.FPDFAnnot_SetFlags(annotation, flags | _HIDDEN)
        pdfium.FPDFPage_CloseAnnot(annotation)
    if not has_value:
        return False, True
    try:
        page.flatten()
    except pypdfium2.PdfiumError:
        return False, False
    return True, True


def _is_filled(forms: Any, annotation: Any) -> bool:
    """Whether an annotation is a field of text, or of one choice, with a value."""
    import pypdfium2.raw as pdfium

    if pdfium.FPDFAnnot_GetSubtype(annotation) != pdfium.FPDF_ANNOT_WIDGET:
        return False
    kind = pdfium.FPDFAnnot_GetFormFieldType(forms, annotation)
    if kind not in (pdfium.FPDF_FORMFIELD_TEXTFIELD, pdfium.FPDF_FORMFIELD_COMBOBOX):
        return False
    # the length of the value in bytes of UTF-16, with the NUL at its end
    n_bytes = pdfium.FPDFAnnot_GetFormFieldValue(forms, annotation, None, 0)
    return n_bytes > 2 and not pdfium.FPDFAnnot_GetFormFieldFlags(forms, annotation) & _PASSWORD
