"""One SQL statement for each workload: all that PostgreSQL must do, and nothing else."""

from typing import Final

CATALOGUE: Final = """
SELECT c.id, c.slug, coalesce(c.title->>%(lang)s, c.title->>'fr'), coalesce(c.summary->>%(lang)s, c.summary->>'fr'),
       c.module_count, c.lesson_count, e.status, e.done_lessons
  FROM course c
  LEFT JOIN enrolment e ON e.course_id = c.id AND e.learner_id = %(learner)s
 WHERE c.published AND c.position > %(after)s
 ORDER BY c.position LIMIT 20
"""

OUTLINE: Final = """
SELECT m.id, coalesce(m.title->>%(lang)s, m.title->>'fr'), l.id, coalesce(l.title->>%(lang)s, l.title->>'fr'), l.kind,
       l.minutes, p.percent, p.done
  FROM module m
  JOIN lesson l ON l.module_id = m.id
  LEFT JOIN progress p ON p.lesson_id = l.id AND p.learner_id = %(learner)s
 WHERE m.course_id = %(course)s
 ORDER BY m.position, l.position
"""

# Progress, enrolment and the centre's roll-up at once. A returned row that is done was not done before.
EVENT: Final = """
WITH l AS (SELECT id, course_id FROM lesson WHERE id = %(lesson)s),
p AS (
    INSERT INTO progress (learner_id, lesson_id, course_id, percent, done, updated_at)
    SELECT %(learner)s, l.id, l.course_id, %(percent)s, %(percent)s >= 100, now() FROM l
    ON CONFLICT (learner_id, lesson_id) DO UPDATE
       SET percent = excluded.percent, done = excluded.done, updated_at = excluded.updated_at
     WHERE progress.percent < excluded.percent
    RETURNING course_id, done
),
e AS (
    UPDATE enrolment x
       SET done_lessons = x.done_lessons + 1, status = CASE WHEN x.done_lessons + 1 >= 50 THEN 2 ELSE 1 END,
           completed_at = CASE WHEN x.done_lessons + 1 >= 50 THEN now() END, updated_at = now()
      FROM p
     WHERE p.done AND x.learner_id = %(learner)s AND x.course_id = p.course_id
    RETURNING x.course_id, x.done_lessons, x.status
),
r AS (
    UPDATE centre_rollup y
       SET lessons_done = y.lessons_done + 1, started = y.started + (e.done_lessons = 1)::int,
           completed = y.completed + (e.done_lessons = 50)::int
      FROM e
     WHERE y.course_id = e.course_id AND y.centre_id = (SELECT centre_id FROM learner WHERE id = %(learner)s)
    RETURNING 1
)
SELECT (SELECT done_lessons FROM e), (SELECT status FROM e), (SELECT count(*) FROM r)
"""

BATCH: Final = """
WITH sent AS (
    SELECT * FROM unnest(%(ids)s::uuid[], %(lessons)s::int[], %(percents)s::smallint[], %(ats)s::timestamptz[])
        AS sent (id, lesson_id, percent, at)
),
fresh AS (
    INSERT INTO event (id, learner_id, lesson_id, percent, at)
    SELECT id, %(learner)s, lesson_id, percent, at FROM sent ON CONFLICT DO NOTHING
    RETURNING lesson_id, percent, at
),
best AS (
    SELECT fresh.lesson_id, l.course_id, max(fresh.percent) AS percent, max(fresh.at) AS at
      FROM fresh JOIN lesson l ON l.id = fresh.lesson_id GROUP BY 1, 2
),
p AS (
    INSERT INTO progress (learner_id, lesson_id, course_id, percent, done, updated_at)
    SELECT %(learner)s, lesson_id, course_id, percent, percent >= 100, at FROM best ORDER BY lesson_id
    ON CONFLICT (learner_id, lesson_id) DO UPDATE
       SET percent = excluded.percent, done = excluded.done, updated_at = excluded.updated_at
     WHERE progress.percent < excluded.percent
    RETURNING course_id, done
),
d AS (SELECT course_id, count(*) AS n FROM p WHERE done GROUP BY 1),
e AS (
    UPDATE enrolment x
       SET done_lessons = x.done_lessons + d.n, status = CASE WHEN x.done_lessons + d.n >= 50 THEN 2 ELSE 1 END,
           completed_at = CASE WHEN x.done_lessons + d.n >= 50 THEN now() END, updated_at = now()
      FROM d
     WHERE x.learner_id = %(learner)s AND x.course_id = d.course_id
    RETURNING x.course_id, x.done_lessons, d.n
),
r AS (
    UPDATE centre_rollup y
       SET lessons_done = y.lessons_done + e.n, started = y.started + (e.done_lessons = e.n)::int,
           completed = y.completed + (e.done_lessons = 50)::int
      FROM e
     WHERE y.course_id = e.course_id AND y.centre_id = (SELECT centre_id FROM learner WHERE id = %(learner)s)
    RETURNING 1
)
SELECT (SELECT count(*) FROM fresh), (SELECT count(*) FROM p), (SELECT count(*) FROM r)
"""

QUIZ: Final = """
WITH given AS (SELECT * FROM unnest(%(questions)s::int[], %(choices)s::int[]) AS given (question, choice)),
graded AS (
    SELECT q.id, given.choice, coalesce(q.correct_choice = given.choice, false) AS correct
      FROM question q LEFT JOIN given ON given.question = q.id WHERE q.quiz_id = %(quiz)s
),
a AS (
    INSERT INTO attempt (learner_id, quiz_id, score)
    SELECT %(learner)s, %(quiz)s, count(*) FILTER (WHERE correct) FROM graded RETURNING id, score
),
s AS (
    INSERT INTO answer SELECT a.id, graded.id, coalesce(graded.choice, 0), graded.correct FROM a, graded
    RETURNING correct
)
SELECT a.id, a.score FROM a
"""

REPORT: Final = """
SELECT r.id, r.name, p.id, p.name, sum(x.enrolled), sum(x.started), sum(x.completed), sum(x.lessons_done)
  FROM centre_rollup x
  JOIN centre c ON c.id = x.centre_id
  JOIN province p ON p.id = c.province_id
  JOIN region r ON r.id = p.region_id
 WHERE x.course_id = %(course)s
 GROUP BY r.id, p.id ORDER BY r.id, p.id
"""

PERSON: Final = """
SELECT l.id, l.full_name, e.status, e.done_lessons, e.completed_at
  FROM learner l
  JOIN enrolment e ON e.learner_id = l.id AND e.course_id = %(course)s
 WHERE l.centre_id = %(centre)s
 ORDER BY l.id LIMIT 50
"""
