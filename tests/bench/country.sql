-- Our own tables with the country of the floors; %(centres)s, %(learners)s and %(courses)s are filled in. Every public id is
-- derived from a word and a number (requests.py does it too), and a session's key is the word `session` and the person.
-- Every fiftieth centre is confidential, which no floor knows.
INSERT INTO centre_type (code, name, confidential, minors, accessibility)
VALUES ('education_training', '{"ar": "تكوين", "fr": "Formation"}', false, false, false),
       ('listening', '{"ar": "استماع", "fr": "Écoute"}', true, false, false);

INSERT INTO organisation (id, uuid, code, kind, centre_type_id, name, sort_name, parent_id, path, territory, address,
                          networks, is_active)
SELECT node.id, md5('organisation-' || node.code)::uuid, node.code, kind, centre_type.id,
       jsonb_build_object('ar', 'مكان ' || node.code, 'fr', 'Lieu ' || node.code), node.code, parent, path, '', '', '{}', true
  FROM (SELECT 1 AS id, 'ma' AS code, 'ministry' AS kind, NULL AS type, NULL::int AS parent, '/ma/' AS path
         UNION ALL
        SELECT 1 + r, 'r' || r, 'region', NULL, 1, '/ma/r' || r || '/' FROM generate_series(1, 12) r
         UNION ALL
        SELECT 100 + p, 'p' || p, 'province', NULL, 2 + (p - 1) %% 12, '/ma/r' || 1 + (p - 1) %% 12 || '/p' || p || '/'
          FROM generate_series(1, 75) p
         UNION ALL
        SELECT 1000 + c, 'c' || c, 'centre', CASE WHEN c %% 50 = 0 THEN 'listening' ELSE 'education_training' END,
               101 + (c - 1) %% 75,
               '/ma/r' || 1 + ((c - 1) %% 75) %% 12 || '/p' || 1 + (c - 1) %% 75 || '/c' || c || '/'
          FROM generate_series(1, %(centres)s) c) AS node
  LEFT JOIN centre_type ON centre_type.code = node.type
 ORDER BY node.id;

-- The learners, the minister's administrator, and an administrator for each centre.
INSERT INTO person (id, uuid, pseudonym, password, language, is_active, pin, discreet, home_organisation_id, created_at)
SELECT g, md5('person-' || g)::uuid, 'B' || lpad(g::text, 8, '0'), '!', 'ar', true, '', false,
       CASE WHEN g <= %(learners)s THEN 1001 + (g * 7919::bigint) %% %(centres)s END, now() - interval '90 days'
  FROM generate_series(1, %(learners)s + 1 + %(centres)s) g;

INSERT INTO membership (uuid, person_id, organisation_id, role, from_date)
SELECT md5('membership-' || c)::uuid, %(learners)s + 1 + c, CASE c WHEN 0 THEN 1 ELSE 1000 + c END,
       CASE c WHEN 0 THEN 'ministry_admin' ELSE 'centre_admin' END, current_date - 90
  FROM generate_series(0, %(centres)s) c;

INSERT INTO session (uuid, key_hash, person_id, phone, kind, device_name, shared_device, created_at, last_seen, expires_at)
SELECT md5('session-' || g)::uuid, sha256(convert_to('session' || g, 'UTF8')), g, '', 'app', '', false, now(), now(),
       now() + interval '30 days'
  FROM generate_series(1, %(learners)s + 1 + %(centres)s) g;

-- The enrolments: all on course 1, where learner g finished d of the 50 lessons, and on four more courses.
INSERT INTO enrolment (uuid, learner_id, course_id, publication_id, organisation_id, state, percent, last_active_at,
                       created_at, completed_at, completed_publication_id)
SELECT md5('enrolment-' || g || '-' || course)::uuid, g, course, course, 1001 + (g * 7919::bigint) %% %(centres)s,
       CASE done WHEN 50 THEN 'completed' ELSE 'active' END, 2 * done, now() - make_interval(days => (g %% 30)::int),
       now() - interval '60 days', CASE done WHEN 50 THEN now() END, CASE done WHEN 50 THEN course END
  FROM (SELECT g, 1 AS course, ((g * 2654435761::bigint) >> 7) %% 51 AS done FROM generate_series(1, %(learners)s) g
         UNION ALL
        SELECT g, 2 + (g + k * 37) %% (%(courses)s - 1), 0
          FROM generate_series(1, %(learners)s) g, generate_series(1, 4) k) AS way;

INSERT INTO lesson_progress (enrolment_id, lesson, state, percent, seconds, finished_at, last_at)
SELECT enrolment.id, md5('lesson-' || l)::uuid, CASE WHEN l <= percent / 2 THEN 'finished' ELSE 'opened' END,
       CASE WHEN l <= percent / 2 THEN 100 ELSE (l * 7) %% 90 END, 60, CASE WHEN l <= percent / 2 THEN now() END, now()
  FROM enrolment, generate_series(1, 50) l
 WHERE course_id = 1
 ORDER BY enrolment.id, l;

-- A quiz begun by each learner, in the first of her other courses.
INSERT INTO attempt (uuid, enrolment_id, lesson_id, language, answers, started_at)
SELECT md5('attempt-' || g)::uuid, enrolment.id, published_lesson.id, 'ar', '{}', now()
  FROM generate_series(1, %(learners)s) g
  JOIN enrolment ON learner_id = g AND course_id = 2 + (g + 37) %% (%(courses)s - 1)
  JOIN published_lesson ON published_lesson.publication_id = enrolment.publication_id
                       AND published_lesson.uuid = md5('lesson-' || 50 * course_id)::uuid;

SELECT setval(pg_get_serial_sequence('organisation', 'id'), 10000), setval(pg_get_serial_sequence('person', 'id'), 10000000);
