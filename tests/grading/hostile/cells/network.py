"""Sockets of every kind: this machine by two addresses, Unix sockets, the machine underneath."""

import socket

for family, address in (
    (socket.AF_INET, ("127.0.0.1", int("@PORT@"))),
    (socket.AF_INET, ("@ADDRESS@", int("@PORT@"))),
    (socket.AF_UNIX, "@SOCKET@"),
    (socket.AF_UNIX, "\0@ABSTRACT@"),
    (getattr(socket, "AF_VSOCK", 40), (2, 52)),
):
    try:
        with socket.socket(family, socket.SOCK_STREAM) as connection:
            connection.settimeout(1)
            connection.connect(address)
            connection.send(b"hostile")
            print("connected to", address)
    except Exception as error:
        print(error)
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as connection:
    try:
        connection.sendto(b"hostile", ("127.0.0.1", int("@PORT@")))
        print("sent")
    except OSError as error:
        print(error)
