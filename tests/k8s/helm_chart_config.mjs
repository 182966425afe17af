// The schema of k3s' HelmChartConfig, of which no package has one: only the fields that a HelmChartConfig has had from the
// first k3s on.

const isText = (value) => typeof value === 'string';

export function validate(object) {
    const errors = [];
    const expect = (good, instancePath, keyword) => good || errors.push({instancePath, keyword, params: {}});
    expect(isText(object.apiVersion) && isText(object.kind), '', 'required');
    expect(isText(object.metadata?.name), '/metadata/name', 'type');
    expect(isText(object.metadata?.namespace), '/metadata/namespace', 'type');
    expect(isText(object.spec?.valuesContent), '/spec/valuesContent', 'type');
    validate.errors = errors;
    return errors.length === 0;
}
