from courses.catalogue.admin import CourseAdmin

__all__ = ["CourseAdmin"]
