import { SHARE_RULES } from '../../../core/browser.ts';

/** Per field, what becomes of it in an export that is safe to share. */
export function ShareRules() {
  return (
    <details className="share-rules">
      <summary>What is kept, hashed and zeroed</summary>
      <div className="share-rules-table" tabIndex={0} role="region" aria-label="What becomes of each field">
        <table className="table">
          <thead>
            <tr>
              <th scope="col">Field</th>
              <th scope="col">Becomes</th>
              <th scope="col">Why</th>
            </tr>
          </thead>
          <tbody>
            {SHARE_RULES.map(({ field, treatment, why }) => (
              <tr key={field}>
                <td>{field}</td>
                <td className="share-treatment" data-treatment={treatment}>
                  {treatment}
                </td>
                <td className="muted">{why}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}
