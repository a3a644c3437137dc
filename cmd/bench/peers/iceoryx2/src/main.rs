//! Publish and subscribe of iceoryx2 between two processes, as ../../two.h says: PROGRAM HOME-CPU AWAY-CPU. Each line in,
//! "stream|trip SIZE OPS", is answered with the nanoseconds that it took, and of round trips with those of each.
//!
//! Messages are copied into a loaned sample once, and are looked at where they lie. One publisher, one subscriber, no
//! history, no overflow; a publisher that finds the buffer full tries again at once, a subscriber that finds it empty too.
use std::collections::HashMap;
use std::error::Error;
use std::hint::{black_box, spin_loop};
use std::io::{stdin, stdout, BufRead, Read, Write};
use std::os::fd::FromRawFd;
use std::ptr::copy_nonoverlapping;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use iceoryx2::port::{publisher::Publisher, subscriber::Subscriber, BackpressureAction};
use iceoryx2::prelude::*;

type Result<T> = std::result::Result<T, Box<dyn Error>>;
type Play = Box<dyn FnMut(u64, &mut Vec<u128>) -> Result<()>>;

/// Counts in shared memory, of turns that a side is ready for and done with.
struct Board {
    ready: AtomicU64,
    done: AtomicU64,
}

fn meet(count: &AtomicU64, turn: u64) {
    count.fetch_add(1, Ordering::SeqCst);
    while count.load(Ordering::Acquire) < 2 * turn {
        spin_loop();
    }
}

fn pin(cpu: &str) -> Result<()> {
    unsafe {
        let mut set: libc::cpu_set_t = std::mem::zeroed();
        libc::CPU_SET(cpu.parse()?, &mut set);
        match libc::sched_setaffinity(0, std::mem::size_of_val(&set), &set) {
            0 => Ok(()),
            _ => Err(std::io::Error::last_os_error().into()),
        }
    }
}

/// A way for messages of WORDS numbers, this side's end of it.
enum End<const WORDS: usize> {
    Out(Publisher<ipc::Service, [u64; WORDS], ()>),
    In(Subscriber<ipc::Service, [u64; WORDS], ()>),
}

impl<const WORDS: usize> End<WORDS> {
    fn open(node: &Node<ipc::Service>, name: &str, out: bool) -> Result<Self> {
        let capacity = (1 << 20) / (8 * WORDS);
        let service = node
            .service_builder(&name.try_into()?)
            .publish_subscribe::<[u64; WORDS]>()
            .max_publishers(1)
            .max_subscribers(1)
            .history_size(0)
            .subscriber_max_buffer_size(capacity.clamp(16, 4096))
            .enable_safe_overflow(false)
            .open_or_create()?;
        Ok(if out {
            let again = |_: &_| BackpressureAction::Retry;
            End::Out(service.publisher_builder().set_backpressure_handler(again).create()?)
        } else {
            End::In(service.subscriber_builder().create()?)
        })
    }

    fn send(&self, message: &[u64; WORDS]) -> Result<()> {
        let End::Out(publisher) = self else { return Err("not a way out".into()) };
        let mut sample = publisher.loan_uninit()?;
        let sample = unsafe {
            copy_nonoverlapping(message, sample.payload_mut().as_mut_ptr(), 1);
            sample.assume_init()
        };
        sample.send()?;
        Ok(())
    }

    fn receive(&self) -> Result<u64> {
        let End::In(subscriber) = self else { return Err("not a way in".into()) };
        loop {
            if let Some(sample) = subscriber.receive()? {
                return Ok(black_box(&*sample)[0]);
            }
            spin_loop();
        }
    }
}

fn check(right: bool) -> Result<()> {
    if right { Ok(()) } else { Err("messages came in wrong".into()) }
}

fn stream<const WORDS: usize>(node: &Node<ipc::Service>, name: &str, home: bool) -> Result<Play> {
    let end = End::<WORDS>::open(node, name, home)?;
    let mut message = [0; WORDS];
    Ok(Box::new(move |ops, _| {
        let mut sum = 0;
        for i in 0..ops {
            if home {
                message[0] = i;
                end.send(black_box(&message))?;
            } else {
                sum += end.receive()?;
            }
        }
        check(home || sum == ops * (ops - 1) / 2)
    }))
}

fn trip<const WORDS: usize>(node: &Node<ipc::Service>, name: &str, home: bool) -> Result<Play> {
    let there = End::<WORDS>::open(node, &format!("{name}/there"), home)?;
    let back = End::<WORDS>::open(node, &format!("{name}/back"), !home)?;
    let mut message = [0; WORDS];
    Ok(Box::new(move |ops, times| {
        for i in 0..ops {
            let begin = Instant::now();
            message[0] = i;
            if home {
                there.send(black_box(&message))?;
                check(back.receive()? == i)?;
                times.push(begin.elapsed().as_nanos());
            } else {
                check(there.receive()? == i)?;
                back.send(black_box(&message))?;
            }
        }
        Ok(())
    }))
}

fn open(node: &Node<ipc::Service>, name: &str, case: &str, size: u64, home: bool) -> Result<Play> {
    match (case, size) {
        ("stream", 8) => stream::<1>(node, name, home),
        ("stream", 64) => stream::<8>(node, name, home),
        ("stream", 1024) => stream::<128>(node, name, home),
        ("stream", 65536) => stream::<8192>(node, name, home),
        ("trip", 8) => trip::<1>(node, name, home),
        ("trip", 64) => trip::<8>(node, name, home),
        ("trip", 1024) => trip::<128>(node, name, home),
        ("trip", 65536) => trip::<8192>(node, name, home),
        _ => Err(format!("no case {case} of {size} bytes").into()),
    }
}

/// The prefix of all that a run has in shared memory, so that nothing of other programs is met or removed.
fn prefix(run: u32) -> String {
    format!("bench_iox2_{run}_")
}

/// Removes what iceoryx2 leaves in shared memory when the last node has gone.
fn tidy(run: u32) -> Result<()> {
    for entry in std::fs::read_dir("/dev/shm")? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().starts_with(&prefix(run)) {
            std::fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

/// One side: home reads orders from the program that asks, and hands them on; away reads them from home.
fn play(board: &Board, orders: impl Read, mut hand_on: impl Write, home: bool, run: u32) -> Result<()> {
    set_log_level(LogLevel::Error);
    let mut config = Config::default();
    config.global.prefix = FileName::new(prefix(run).as_bytes())?;
    config.global.set_root_path(&Path::new(std::env::temp_dir().as_os_str().as_encoded_bytes())?);
    let node = NodeBuilder::new().config(&config).signal_handling_mode(SignalHandlingMode::Disabled).create::<ipc::Service>()?;
    if home {
        println!("iceoryx2 0.10.0");
    }
    let mut open_cases = HashMap::new();
    for (turn, line) in std::io::BufReader::new(orders).lines().enumerate() {
        let line = line?;
        let [case, size, ops] = line.split_whitespace().collect::<Vec<_>>()[..] else {
            return Err(format!("not an order: {line}").into());
        };
        let (size, ops): (u64, u64) = (size.parse()?, ops.parse()?);
        let name = format!("shmath-bench/{run}/{case}/{size}");
        if !open_cases.contains_key(&name) {
            open_cases.insert(name.clone(), open(&node, &name, case, size, home)?);
        }
        writeln!(hand_on, "{line}")?;
        let mut times = Vec::with_capacity(if home { ops as usize } else { 0 });
        meet(&board.ready, turn as u64 + 1);
        let begin = Instant::now();
        open_cases.get_mut(&name).unwrap()(ops, &mut times)?;
        meet(&board.done, turn as u64 + 1);
        if home {
            let mut answer = begin.elapsed().as_nanos().to_string();
            times.iter().for_each(|t| answer += &format!(" {t}"));
            println!("{answer}");
            stdout().flush()?;
        }
    }
    Ok(())
}

fn main() -> Result<()> {
    let args: Vec<_> = std::env::args().collect();
    let [_, home, away] = &args[..] else {
        return Err("usage: ring_iceoryx2 HOME-CPU AWAY-CPU".into());
    };
    let run = std::process::id();
    let mut pipe = [0; 2];
    unsafe {
        let shared = libc::mmap(std::ptr::null_mut(), 4096, libc::PROT_READ | libc::PROT_WRITE, libc::MAP_SHARED | libc::MAP_ANONYMOUS, -1, 0);
        if shared == libc::MAP_FAILED || libc::pipe(pipe.as_mut_ptr()) != 0 {
            return Err(std::io::Error::last_os_error().into());
        }
        let board = &*(shared as *const Board);
        if libc::fork() == 0 {
            libc::close(pipe[1]);
            pin(away)?;
            return play(board, std::fs::File::from_raw_fd(pipe[0]), std::io::sink(), false, run);
        }
        pin(home)?;
        let played = play(board, stdin(), std::fs::File::from_raw_fd(pipe[1]), true, run);
        libc::wait(std::ptr::null_mut()); // until away has removed its part of what lies in shared memory
        played.and(tidy(run))
    }
}
