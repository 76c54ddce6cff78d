"""Mathematical answers as models write them, with the verdict a careful person would give."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stratix.scorers import Target, _formulas
from stratix.scorers import _math as engine
from stratix.scorers.math import Math

RIGHT, WRONG, NONE = "correct", "incorrect", "unparsed"

CASES = [
    # boxed
    (r"So the answer is $\boxed{\frac{1}{2}}$.", r"\frac{1}{2}", RIGHT),
    (r"So the answer is $\boxed{\frac{1}{2}}$.", r"\frac{1}{3}", WRONG),
    (r"\boxed{0.5}", r"\frac{1}{2}", RIGHT),
    (r"\boxed{\dfrac12}", r"\frac{1}{2}", RIGHT),
    (r"\[\boxed{\left( 3, \frac{\pi}{2} \right)}\]", r"\left( 3, \frac{\pi}{2} \right)", RIGHT),
    (r"First \boxed{3}. Wait, I made a mistake: \boxed{5}", "5", RIGHT),
    (r"First \boxed{3}. Wait, I made a mistake: \boxed{5}", "3", WRONG),
    (r"We get $x=\boxed{1}$ or $\boxed{-2}$.", "1,-2", RIGHT),
    (r"The roots are $\boxed{1}$ and $\boxed{-2}$", r"\{-2, 1\}", RIGHT),
    (r"\boxed{x = 5}", "5", RIGHT),
    (r"\boxed{5}", "x=5", RIGHT),
    (r"\boxed{6 \times 2 = 12}", "12", RIGHT),
    (r"\boxed{\text{Evelyn}}", r"\text{Evelyn}", RIGHT),
    (r"\boxed{Evelyn}", r"\text{Evelyn}", RIGHT),
    (r"\boxed{\text{Carla}}", r"\text{Evelyn}", WRONG),
    (r"\boxed{\text{(C)}}", r"\text{(C)}", RIGHT),
    (r"\boxed{C}", r"\text{(C)}", RIGHT),
    (r"\boxed{B}", r"\text{(C)}", WRONG),
    (r"\boxed{18\text{ cm}}", "18", RIGHT),
    (r"\boxed{864 \mbox{ inches}^2}", r"864 \mbox{ inches}^2", RIGHT),
    (r"\boxed{864}", r"864 \mbox{ inches}^2", RIGHT),
    (r"\boxed{\$18.90}", r"\$18.90", RIGHT),
    (r"\boxed{18.9}", r"\$18.90", RIGHT),
    (r"\boxed{11,\! 111}", "11111", RIGHT),
    (r"\boxed{11,111}", r"11,\! 111", RIGHT),
    (r"\boxed{90}", r"90^\circ", RIGHT),
    (r"\boxed{90^\circ}", "90", RIGHT),
    (r"\boxed{10\%}", "10", RIGHT),
    (r"\boxed{10}", r"10\%", RIGHT),
    (r"\boxed{}", "10", NONE),
    # said
    ("The answer is 1/2.", r"\frac{1}{2}", RIGHT),
    ("The answer is $\\frac{3}{6}$, since we halve it.", r"\frac{1}{2}", RIGHT),
    ("The answer is 3/4.", r"\frac{1}{2}", WRONG),
    ("The final answer is $2\\sqrt{3}$. I hope it is correct.", r"2\sqrt{3}", RIGHT),
    ("The answer is 2√3.", r"2\sqrt{3}", RIGHT),
    ("The answer is 2*sqrt(3).", r"\sqrt{12}", RIGHT),
    ("The answer is sqrt(12)", r"2\sqrt{3}", RIGHT),
    ("**Answer:** $x^2 + 2x + 1$", "(x+1)^2", RIGHT),
    ("Answer: (x+1)^2", "x^2+2x+1", RIGHT),
    ("Answer: (x+2)^2", "x^2+2x+1", WRONG),
    ("The answer is east.", r"\text{east}", RIGHT),
    ("The answer is west.", r"\text{east}", WRONG),
    ("The answer is 18 apples.", "18", RIGHT),
    ("The answer is 6 times 2 is 12.", "12", RIGHT),
    ("The answer is x = 5 because 2x = 10.", "5", RIGHT),
    ("Final Answer: The final answer is $(3, 4)$. I hope it is correct.", "(3,4)", RIGHT),
    ("The answer is the ordered pair (3, 4).", "(3,4)", RIGHT),
    ("The answer is (4, 3).", "(3,4)", WRONG),
    ("The answer is p - q.", "p - q", RIGHT),
    ("The answer is q - p.", "p - q", WRONG),
    ("The answer is 5 or -2.", "-2, 5", RIGHT),
    ("The answer is $5$ and $-2$.", "-2, 5", RIGHT),
    ("The answer is $x=5$ or $x=-2$.", "-2, 5", RIGHT),
    ("The answer is 5.", "-2, 5", WRONG),
    ("The answer is π/2.", r"\frac{\pi}{2}", RIGHT),
    ("The answer is pi/2.", r"\frac{\pi}{2}", RIGHT),
    ("The answer is 1.5708.", r"\frac{\pi}{2}", WRONG),
    ("The answer is $\\sqrt{2} \\approx 1.414$.", r"\sqrt{2}", RIGHT),
    ("The answer is 2^10.", "1024", RIGHT),
    ("The answer is 1024.", "2^{10}", RIGHT),
    ("The answer is 1,024.", "1024", RIGHT),
    ("The answer is 50%.", r"\frac{1}{2}", RIGHT),
    ("The answer is -2+7i.", "-2+7i", RIGHT),
    ("The answer is 7i - 2.", "-2+7i", RIGHT),
    ("The answer is 2 - 7i.", "-2+7i", WRONG),
    # intervals, sets, inequalities, matrices
    (r"$\boxed{[-2,7]}$", r"x \in [-2,7]", RIGHT),
    (r"$\boxed{(-2,7)}$", r"[-2,7]", WRONG),
    (r"\boxed{(-\infty,2)\cup(3,\infty)}", r"(-\infty, 2) \cup (3, \infty)", RIGHT),
    ("The answer is (-inf, 2) U (3, inf).", r"(-\infty, 2) \cup (3, \infty)", RIGHT),
    ("The answer is (-∞, 2) ∪ (3, ∞).", r"(-\infty, 2) \cup (3, \infty)", RIGHT),
    (r"\boxed{x > 2}", r"(2,\infty)", RIGHT),
    (r"\boxed{x \ge 2}", r"(2,\infty)", WRONG),
    ("The answer is x >= 2.", r"[2,\infty)", RIGHT),
    (r"\boxed{\{3, 1, 2\}}", r"\{1,2,3\}", RIGHT),
    (r"\boxed{7, 3, 5}", "3, 5, 7", RIGHT),
    (r"\boxed{3, 5}", "3, 5, 7", WRONG),
    (r"\boxed{\pm 1}", "1, -1", RIGHT),
    (r"\boxed{\begin{pmatrix} -1 \\ 0 \end{pmatrix}}", r"\begin{pmatrix} -1 \\ 0 \end{pmatrix}", RIGHT),
    (r"\boxed{\begin{bmatrix} -1 \\ 0 \end{bmatrix}}", r"\begin{pmatrix} -1 \\ 0 \end{pmatrix}", RIGHT),
    (r"\boxed{\begin{pmatrix} 0 \\ -1 \end{pmatrix}}", r"\begin{pmatrix} -1 \\ 0 \end{pmatrix}", WRONG),
    (
        r"\boxed{\begin{pmatrix} 1/2 & 0 \\ 0 & 1 \end{pmatrix}}",
        r"\begin{pmatrix} \frac{1}{2} & 0 \\ 0 & 1 \end{pmatrix}",
        RIGHT,
    ),
    (r"\boxed{\emptyset}", r"\emptyset", RIGHT),
    # equations, functions, other kinds
    (r"\boxed{y = 2x + 3}", "y = 3 + 2x", RIGHT),
    (r"\boxed{2x+3}", "y = 2x+3", RIGHT),
    (r"\boxed{y = 3x + 2}", "y = 2x+3", WRONG),
    (r"\boxed{\frac{\sqrt{3}}{3}}", r"\frac{1}{\sqrt{3}}", RIGHT),
    (r"\boxed{1\frac{4}{5}}", r"\frac{9}{5}", RIGHT),
    (r"\boxed{4210_5}", "4210_5", RIGHT),
    (r"\boxed{4210}", "4210_5", RIGHT),
    (r"\boxed{4210_7}", "4210_5", WRONG),
    (r"\boxed{6:30}", "6:30", RIGHT),
    (r"\boxed{\text{6:30 p.m.}}", "6:30", WRONG),
    (r"\boxed{7:30}", "6:30", WRONG),
    (r"\boxed{2:3}", r"\frac{2}{3}", RIGHT),
    (r"\boxed{120}", "5!", RIGHT),
    (r"\boxed{\log_2 8}", "3", RIGHT),
    (r"\boxed{\cos 60^\circ}", r"\cos 60^\circ", RIGHT),
    (r"\boxed{a, b}", "b, a", RIGHT),
    (r"\boxed{3.0 \times 10^8}", "300000000", RIGHT),
    (r"\boxed{0.3333}", r"\frac{1}{3}", WRONG),
    # as models write them
    (r"After simplifying, $f(x) = \boxed{x^2 - 4x + 4}$.", "(x-2)^2", RIGHT),
    (r"Thus the probability is $\boxed{\frac{5}{12}}$", r"\frac{5}{12}", RIGHT),
    (r"The answer is 5/12 ≈ 0.4167.", r"\frac{5}{12}", RIGHT),
    (r"The answer is 0.4167.", r"\frac{5}{12}", WRONG),
    (r"**Final Answer:** \(\frac{5}{12}\)", r"\frac{5}{12}", RIGHT),
    (r"\(\boxed{\dfrac{5}{12}}\)", r"\frac{5}{12}", RIGHT),
    (r"### Final answer" "\n" r"\[ x = 4 \quad \text{or} \quad x = -1 \]", "-1, 4", RIGHT),
    (r"So the solutions are $x = 4$ and $x = -1$.", "-1,4", RIGHT),
    (r"Therefore, $\boxed{x = 4, -1}$", "-1,4", RIGHT),
    (r"$\boxed{x=4 \text{ or } x=-1}$", "-1,4", RIGHT),
    (r"\boxed{(x, y) = (3, 4)}", "(3,4)", RIGHT),
    (r"\boxed{x = 3, y = 4}", "(3,4)", RIGHT),
    (r"\boxed{5 \text{ meters per second}}", "5", RIGHT),
    (r"\boxed{5\,\text{m/s}}", "5", RIGHT),
    (r"\boxed{\$5{,}000}", "5000", RIGHT),
    (r"\boxed{5,000.00}", "5000", RIGHT),
    (r"\boxed{\text{No solution}}", r"\text{no solution}", RIGHT),
    (r"\boxed{\varnothing}", r"\emptyset", RIGHT),
    (r"\boxed{[0, 1) \cup (1, \infty)}", r"[0,1)\cup(1,\infty)", RIGHT),
    (r"\boxed{x \neq 1}", r"x \ne 1", RIGHT),
    (r"\boxed{\frac{-1}{2}}", r"-\frac{1}{2}", RIGHT),
    (r"\boxed{-0.5}", r"-\frac{1}{2}", RIGHT),
    (r"\boxed{2\pi r^2 + 2\pi r h}", r"2\pi r(r+h)", RIGHT),
    (r"\boxed{\sin^2 x + \cos^2 x}", "1", RIGHT),
    (r"\boxed{\frac{\ln 2}{\ln 3}}", r"\log_3 2", RIGHT),
    (r"\boxed{\binom{5}{2}}", "10", RIGHT),
    (r"\boxed{C(5,2) = 10}", "10", RIGHT),
    (r"\boxed{10 \text{ ways}}", "10", RIGHT),
    (r"\boxed{\mathbf{10}}", "10", RIGHT),
    (r"\boxed{\textbf{(B)}\ 10}", "10", RIGHT),
    (r"\boxed{\textbf{(B)}}", r"\text{(B)}", RIGHT),
    (r"\boxed{\text{B}}", r"\text{(B)}", RIGHT),
    (r"The answer is (B) 10.", r"\text{(B)}", RIGHT),
    (r"\boxed{101_2}", "101_2", RIGHT),
    (r"\boxed{1.0\overline{6}}", r"\frac{16}{15}", RIGHT),
    (r"\boxed{0.\overline{3}}", r"\frac13", RIGHT),
    (r"\boxed{2 + 3i}", "3i+2", RIGHT),
    (r"\boxed{|x|}", r"\sqrt{x^2}", RIGHT),
    (r"\boxed{\langle 1, 2, 3 \rangle}", "(1,2,3)", RIGHT),
    (r"\boxed{\begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix}}", r"\begin{pmatrix}1&2\\3&4\end{pmatrix}", RIGHT),
    (r"\boxed{y = \frac{1}{2}x - 3}", "2y = x - 6", RIGHT),
    (r"\boxed{x - 2y - 6 = 0}", "2y = x - 6", RIGHT),
    (r"\boxed{6.5 \times 10^{-3}}", "0.0065", RIGHT),
    (r"\boxed{75\%}", r"\frac34", RIGHT),
    (r"\boxed{45^\circ}", r"\frac{\pi}{4}", WRONG),
    (r"\boxed{1:2}", r"1:2", RIGHT),
    (r"\boxed{\sqrt[3]{8}}", "2", RIGHT),
    (r"\boxed{8^{1/3}}", "2", RIGHT),
    (r"\boxed{3x}", "3y", WRONG),
    (r"\boxed{f(x)=3x}", "3x", RIGHT),
    (r"\boxed{n(n+1)/2}", r"\frac{n^2+n}{2}", RIGHT),
    (r"\boxed{\{(1,2),(3,4)\}}", "(1,2),(3,4)", RIGHT),
    (r"\boxed{(1,2),(3,4)}", "(3,4),(1,2)", RIGHT),
    (r"\boxed{(1,2) \text{ and } (3,4)}", "(1,2),(3,4)", RIGHT),
    (r"\boxed{11\frac12}", "11.5", RIGHT),
    (r"\boxed{\frac{3}{2}, -\frac{1}{2}}", r"-\frac12, \frac32", RIGHT),
    ("The answer is twelve.", "12", RIGHT),
    ("The answer is minus three.", "-3", RIGHT),
    ("The answer is negative 3.", "-3", RIGHT),
    ("Answer: 3 1/2", "3.5", RIGHT),
    ("The answer is 2(x+3).", "2x+6", RIGHT),
    ("The answer is $2,000.", "2000", RIGHT),
    ("So the total cost is $2,000 and the tip is $200. The answer is $2,200.", "2200", RIGHT),
    ("The final answer is \\boxed{12}.\n\nLet me know if you'd like the 3 steps again!", "12", RIGHT),
    ("x = 12", "12", RIGHT),
    ("x=12, so done", "12", RIGHT),
    ("Thus the value of k is 12", "12", RIGHT),
    ("Thus k is equal to -\\frac{1}{2}", r"-\frac{1}{2}", RIGHT),
    ("The remainder is 3.", "3", RIGHT),
    ("$$\n\\frac{1}{3}\n$$", r"\frac{1}{3}", RIGHT),
    ("\\[\n\\begin{aligned} x &= 1+2 \\\\ &= 3 \\end{aligned}\n\\]", "3", RIGHT),
    ("The area is 12 cm².", "12", RIGHT),
    ("The area is $12\\text{ cm}^2$.", "12", RIGHT),
    ("The area is 12cm^2", "12", RIGHT),
    # nothing marked
    ("42", "42", RIGHT),
    ("\\frac{14}{3}", r"\frac{14}{3}", RIGHT),
    ("$\\frac{14}{3}$", r"4\frac{2}{3}", RIGHT),
    ("We have\n$$x = 2 + 3 = 5.$$", "5", RIGHT),
    ("We add.\n\\[\nx = 5\n\\]", "5", RIGHT),
    ("Therefore $x = 5$.", "5", RIGHT),
    ("Hence there are 12 ways to do it.", "12", RIGHT),
    ("So the area is $9\\pi$ square units.", r"9\pi", RIGHT),
    ("So the area is 9π.", r"9\pi", RIGHT),
    ("Adding, $1 + 1 = 2$, and so the value is $3$.", "2", WRONG),
    ("Evelyn", r"\text{Evelyn}", RIGHT),
    ("It is even", r"\text{even}", WRONG),
    ("I do not know.", "5", NONE),
    ("I would have to think longer about all of these many cases.", r"\text{even}", NONE),
    ("", "5", NONE),
]


def test_table_is_long_enough() -> None:
    assert len(CASES) >= 60


@pytest.mark.parametrize(("answer", "truth", "verdict"), CASES)
def test_verdict(answer: str, truth: str, verdict: str) -> None:
    assert Math().score(answer, Target(truth)).verdict == verdict


def test_aliases_are_accepted() -> None:
    assert Math().score(r"\boxed{\sqrt{8}}", Target("3", aliases=(r"2\sqrt{2}",))).verdict == RIGHT


def test_extracted_is_the_formula() -> None:
    assert (
        Math().score(r"So it is $\boxed{\frac{3}{6}}$.", Target(r"\frac{1}{2}")).extracted == r"\frac{3}{6}"
    )


def test_truth_that_is_no_formula_is_an_error() -> None:
    with pytest.raises(ValueError, match="no formula that math-verify can read"):
        Math().score("5", Target("^{"))


@pytest.mark.parametrize("answer", [r"\boxed{9^{9^{9^{9}}}}", r"\boxed{\int_0^1 x^x \sin(x^{x^x}) dx}"])
def test_endless_comparison_is_stopped_and_no_wrong_answer(answer: str) -> None:
    start = time.perf_counter()
    with pytest.raises(TimeoutError, match=r"took over 0\.5 s"):
        Math(seconds=0.5).score(answer, Target("5"))
    assert time.perf_counter() - start < 30
    assert Math().score(r"\boxed{5.0}", Target("5")).verdict == RIGHT, "the next one is not harmed"


def test_threads_share_a_few_processes() -> None:
    verdicts: list[str] = []

    def work() -> None:
        for i in range(10):
            verdicts.append(Math().score(rf"\boxed{{\frac{{{i}}}{{2}}}}", Target(str(i / 2))).verdict)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert verdicts == [RIGHT] * 80
    assert len(engine._POOL._idle) <= (os.cpu_count() or 1)


def test_process_lives_on_and_is_replaced_when_it_dies() -> None:
    def worker() -> int:
        Math().score(r"\boxed{\frac{4}{8}}", Target("0.5"))
        return engine._POOL._idle[-1]._process.pid

    first = worker()
    assert worker() == first
    os.kill(first, signal.SIGKILL)
    assert worker() != first


def test_processes_end_with_the_program() -> None:
    code = (
        "from stratix import scorers; from stratix.scorers import _math; "
        "scorers.score('math', '1/2', '0.5'); print(_math._POOL._idle[-1]._process.pid)"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            os.kill(int(out), 0)
        except ProcessLookupError:
            return
        time.sleep(0.05)
    pytest.fail("the process outlived the program that started it")


def test_equal_text_starts_no_process() -> None:
    code = (
        "import sys; from stratix import scorers; from stratix.scorers import _math; "
        r"print(scorers.score('math', r'\boxed{\frac12}', r'\frac12').verdict, _math._POOL._idle, "
        "any(m in sys.modules for m in ('sympy', 'math_verify')))"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert out == "correct [] False\n"


@pytest.mark.parametrize(
    ("text", "formula"),
    [
        ("$x^2$", "x^2"),
        ("18 apples", "18"),
        ("the pair (3, 4)", "(3, 4)"),
        ("sqrt(x + 1)/2", r"\sqrt{x + 1}/2"),
        ("x^(n+1)", "x^{n+1}"),
        ("10⁻³", "10^{-3}"),
        ("3 and -1", "3, -1"),
        (r"5\text{ cm}^2", "5"),
    ],
)
def test_readings(text: str, formula: str) -> None:
    assert _formulas.readings(text)[0] == formula


@settings(max_examples=300)
@given(st.text(alphabet="0123456789.,$%/^-+=(){}[]\\# \nxyzansweri√π²*_boxedtfrac", max_size=200))
def test_no_text_breaks_the_reading(text: str) -> None:
    _formulas.readings(text)
    _formulas.words(text)


@pytest.mark.parametrize(
    "loop", ["9,", "\\boxed{", "\\boxed{1},", "$", "sqrt(", "x=", "and ", "\\text{", "(", "1/"]
)
def test_a_model_in_a_loop_does_not_hold_the_reading(loop: str) -> None:
    start = time.perf_counter()
    with contextlib.suppress(TimeoutError):
        Math(seconds=2).score(loop * (20_000 // len(loop)), Target("5"))
    assert time.perf_counter() - start < 30
