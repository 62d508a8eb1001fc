"""The mails that a demo has written to files, in a form that a person reads."""

import email
import email.policy
from email.message import EmailMessage
from pathlib import Path

LINE = "-" * 79  # what Django's file backend writes after each mail


def newest(folder: Path, count: int) -> str:
    """The last ``count`` mails, newest first."""
    found = _mails(folder)
    if not found:
        return f"No mail has been sent yet. Mails are written to {folder}."
    chosen = [_readable(mail) for mail in reversed(found[-count:])]
    return f"\n{'=' * 78}\n".join(chosen) + f"\n\n({len(found)} mails in {folder})"


def _mails(folder: Path) -> list[EmailMessage]:
    files = sorted(folder.glob("*.log"), key=lambda file: file.stat().st_mtime)
    found = []
    for file in files:
        # Bytes: read as text, a letter beyond ASCII would come out as \\u20ac.
        for mail in file.read_bytes().split(f"\n{LINE}\n".encode()):
            if mail.strip():
                found.append(email.message_from_bytes(mail, policy=email.policy.default))
    return [mail for mail in found if isinstance(mail, EmailMessage)]


def _readable(mail: EmailMessage) -> str:
    head = "\n".join(f"{name}: {mail[name]}" for name in ("Date", "From", "To", "Subject"))
    body = mail.get_body(("plain", "html"))
    words = body.get_content() if body is not None else ""
    files = [part.get_filename() or "file" for part in mail.iter_attachments()]
    attached = f"\n\nAttached: {', '.join(files)}" if files else ""
    return f"{head}\n\n{words.strip()}{attached}"
