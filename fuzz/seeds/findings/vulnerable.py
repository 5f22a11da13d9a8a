"""What scanners complain of, for the tests of what they write. Never run."""
import hashlib
import pickle
import sqlite3
import subprocess

PASSWORD = "hunter2"


def look_up(name):
    return sqlite3.connect("x").execute("SELECT * FROM users WHERE name = '%s'" % name)


def ping(host):
    return subprocess.call("ping -c1 " + host, shell=True)


def digest(word):
    return hashlib.md5(word).hexdigest()


def load(blob):
    return pickle.loads(blob)


def load_again(blob):
    return pickle.loads(blob)
