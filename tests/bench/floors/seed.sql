-- %(centres)s, %(learners)s and %(courses)s are filled in. Everyone is on course 1, where learner g finished d of the 50
-- lessons, and on four more courses without progress.
INSERT INTO region SELECT g, 'Region ' || g FROM generate_series(1, 12) g;
INSERT INTO province SELECT g, 1 + (g - 1) %% 12, 'Province ' || g FROM generate_series(1, 75) g;
INSERT INTO centre SELECT g, 1 + (g - 1) %% 75, 'Centre ' || g FROM generate_series(1, %(centres)s) g;
INSERT INTO learner (id, centre_id, username, full_name, lang)
SELECT g, 1 + (g * 7919::bigint) %% %(centres)s, 'u' || lpad(g::text, 7, '0'), 'Learner Number ' || g,
       (ARRAY['ar', 'fr', 'ber'])[1 + g %% 3]
  FROM generate_series(1, %(learners)s) g;
INSERT INTO course
SELECT g, 'course-' || g,
       jsonb_build_object('ar', 'دورة تكوينية رقم ' || g, 'fr', 'Formation numéro ' || g, 'en', 'Course ' || g),
       jsonb_build_object('ar', repeat('ملخص الدورة ', 12), 'fr', repeat('résumé du cours ', 12),
                          'en', repeat('course summary ', 12)),
       true, g, 10, 50
  FROM generate_series(1, %(courses)s) g;
INSERT INTO module
SELECT (c - 1) * 10 + m, c, m, jsonb_build_object('ar', 'وحدة ' || m, 'fr', 'Module ' || m, 'en', 'Module ' || m)
  FROM generate_series(1, %(courses)s) c, generate_series(1, 10) m;
INSERT INTO lesson
SELECT ((c - 1) * 10 + m - 1) * 5 + l, (c - 1) * 10 + m, c, l,
       jsonb_build_object('ar', 'درس ' || l, 'fr', 'Leçon ' || l, 'en', 'Lesson ' || l),
       (ARRAY['video', 'text', 'quiz'])[1 + l %% 3], 5 + l
  FROM generate_series(1, %(courses)s) c, generate_series(1, 10) m, generate_series(1, 5) l;
INSERT INTO enrolment (learner_id, course_id, status, done_lessons)
SELECT g, 1, CASE WHEN d = 0 THEN 0 WHEN d = 50 THEN 2 ELSE 1 END, d
  FROM (SELECT g, ((g * 2654435761::bigint) >> 7) %% 51 AS d FROM generate_series(1, %(learners)s) g) s;
INSERT INTO enrolment (learner_id, course_id)
SELECT g, 2 + (g + k * 37) %% (%(courses)s - 1) FROM generate_series(1, %(learners)s) g, generate_series(1, 4) k;
INSERT INTO progress
SELECT e.learner_id, l, 1, CASE WHEN l <= e.done_lessons THEN 100 ELSE (l * 7) %% 90 END, l <= e.done_lessons, now()
  FROM enrolment e, generate_series(1, 50) l WHERE e.course_id = 1 ORDER BY e.learner_id, l;
CREATE INDEX ON learner (centre_id);
CREATE INDEX ON enrolment (course_id, status);
INSERT INTO centre_rollup
SELECT e.course_id, l.centre_id, count(*), count(*) FILTER (WHERE status > 0), count(*) FILTER (WHERE status = 2),
       sum(done_lessons)
  FROM enrolment e JOIN learner l ON l.id = e.learner_id GROUP BY 1, 2;
INSERT INTO quiz SELECT g, g, jsonb_build_object('fr', 'Quiz ' || g, 'ar', 'اختبار ' || g)
  FROM generate_series(1, %(courses)s) g;
INSERT INTO question
SELECT (q - 1) * 20 + p, q, p,
       jsonb_build_object('fr', 'Question ' || p, 'choices', jsonb_build_array('a', 'b', 'c', 'd')), 1 + (q * p) %% 4
  FROM generate_series(1, %(courses)s) q, generate_series(1, 20) p;
SELECT setval(pg_get_serial_sequence('learner', 'id'), %(learners)s);
