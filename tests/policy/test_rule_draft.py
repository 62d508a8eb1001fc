from rientro.policy.rule_draft import RuleDraft


def draft(*conditions):
    return RuleDraft(name="Rule", conditions=conditions, actions=[])


def test_every_integration_that_a_draft_names_has_to_be_known():
    named = {"property": "integration", "operator": "is", "compare_to": "1, 2"}
    listed = named | {"compare_to": [1, 2]}

    assert draft(named, listed).names_only({"1", "2", "3"})
    assert not draft(named).names_only({"1"})
    assert not draft(listed).names_only({"2"})


def test_other_properties_name_no_integration():
    assert draft({"property": "country", "compare_to": "IT"}).names_only(set())
    assert draft().names_only(set())
