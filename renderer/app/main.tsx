import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import './tokens.css';
import './base.css';
import './frame.css';
import '../components/page.css';
import '../components/marks.css';
import '../components/button.css';
import '../components/fields.css';
import '../components/table.css';
import '../components/notice.css';
import '../components/chart.css';
import '../components/dialog.css';
import '../components/virtual-rows.css';
import '../components/narrow.css';
import { App } from './app.tsx';
import { registerFeatures } from './features.ts';

const root = document.getElementById('root');
if (root !== null) {
  registerFeatures();
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
}
